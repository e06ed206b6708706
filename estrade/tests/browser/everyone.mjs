// What everyone does, whoever they are: look around, register, sign in and out, check a certificate.

import assert from 'node:assert/strict';
import { appears, certificatesOf, fillSignIn, newLearner, signIn, speak, stage, test, visitor } from './tools.mjs';

test('a newcomer finds a course by searching, and reads it in their language', async () => {
  const { page, leave } = await visitor({ language: 'fr' });
  await page.goto('/');
  assert.equal(await page.locator('html').getAttribute('lang'), 'fr');
  await page.getByRole('searchbox').first().fill('files de messages');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/search|q=/);
  await page.getByRole('main').getByRole('link', { name: /Les files de messages/ }).first().click();
  await page.waitForURL(/\/courses\//);
  assert.match(await page.getByRole('heading', { level: 1 }).innerText(), /files de messages/);
  await page.locator('footer a[hreflang=en]').click();
  await page.waitForURL(/lang=en/);
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.goto('/courses');
  assert.equal(await page.locator('html').getAttribute('lang'), 'en', 'the choice is kept');
  await leave();
});

test('registering: what is wrong is said beside its field and in a summary', async () => {
  const { page, leave } = await visitor();
  await page.goto('/register');
  await page.getByLabel('Name').fill('Siân Llŷr');
  await page.getByLabel('Mail address').fill('not an address');
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.getByRole('button', { name: 'Create the account' }).click();
  const summary = page.getByRole('alert').first();
  await summary.waitFor();
  assert.match(await page.title(), /^Error/i);
  for (const field of ['mail', 'password']) {
    const input = page.locator(`#${field}`);
    assert.equal(await input.getAttribute('aria-invalid'), 'true', field);
    const said = (await input.getAttribute('aria-describedby')).split(' ');
    const beside = await page.locator(`#${said.find((id) => id.includes('error'))}`).innerText();
    assert.ok((await summary.innerText()).includes(beside), `“${beside}” is in the summary too`);
  }
  await summary.getByRole('link').first().click();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'mail', 'leads to the field');
  assert.equal(await page.getByLabel('Name').inputValue(), 'Siân Llŷr', 'nothing is typed twice');
  await page.getByLabel('Mail address').fill(`registers-${process.pid}@example.org`);
  await page.getByLabel('Password', { exact: true }).fill(stage.password);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByRole('button', { name: 'Sign out' }).first().waitFor({ state: 'attached' });
  await leave();
});

test('signing in leads back to where one wanted to go, and out again', async () => {
  const mail = await newLearner();
  const { page, leave } = await visitor();
  await page.goto('/certificates');
  await page.waitForURL(/sign-in\?next=%2Fcertificates|sign-in\?next=\/certificates/);
  await fillSignIn(page, mail, 'not my password');
  await page.getByRole('alert').first().waitFor();
  await fillSignIn(page, mail);
  await page.waitForURL(/\/certificates$/);
  await page.goto('/account');
  await page.getByRole('button', { name: 'Sign out' }).first().click();
  await page.waitForURL(/sign-in|\/$|courses/);
  await page.goto('/account');
  await page.waitForURL(/sign-in/);
  await leave();
});

test('a certificate is checked by its code, and a code that is none is said to be none', async () => {
  const [{ code }] = await certificatesOf(stage.people.learner);
  const { page, leave } = await visitor();
  await page.goto('/verify');
  await page.locator('main input[type=text], main input:not([type])').first().fill(code);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/verify\/.+/);
  assert.match(await page.getByRole('main').innerText(), /Les files de messages/);
  await page.goto('/verify/AAAA-AAAA-AAAA');
  assert.doesNotMatch(await page.getByRole('main').innerText(), /Les files de messages/);
  await leave();
});

test('a French person is served in French, with French dates and numbers', async () => {
  const who = await visitor({ language: 'en' });
  await signIn(who.context, stage.people.learner);
  const { page } = who;
  await speak(page, 'en');
  await speak(page, 'fr');
  await appears(page, '/learning', page.locator('html[lang=fr]'));
  assert.match(await page.getByRole('main').innerText(), /\d{1,2}(er)? \p{L}+ 20\d\d/u, 'such as 23 novembre 2026');
  await who.leave();
});
