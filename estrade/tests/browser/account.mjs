// What a learner does with what is their own: password, profile, preferences, messages, certificates, data,
// and going away for good.

import assert from 'node:assert/strict';
import { letter } from './mails.mjs';
import { COURSE } from './quiz.mjs';
import {
  appears, becomes, call, downloaded, enrolled, inEnglish, isPicture, newLearner, signedIn, stage, test, visitor,
} from './tools.mjs';

test('a forgotten password is chosen anew by a link that works once', async () => {
  const mail = await newLearner();
  const { page, leave } = await visitor();
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgotten your password?' }).click();
  await page.getByLabel('Mail address').fill(mail);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await page.getByRole('status').first().waitFor();
  const { link } = await letter(mail, /\/new-password/);
  await page.goto(link);
  await page.getByLabel('New password').fill('another horse, another battery');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByRole('button', { name: 'Sign out' }).first().waitFor({ state: 'attached' });
  await page.goto(link);
  assert.equal(await page.getByLabel('New password').count(), 0, 'the link has been used');
  await call('POST', '/api/v1/tokens', { mail, password: 'another horse, another battery' });
  await leave();
});

test('name, language and time zone are one’s own, and show at once', async () => {
  const { page, leave } = await signedIn(await newLearner());
  await page.goto('/account');
  await page.getByLabel('Name').fill('Zoë Núñez');
  await page.getByLabel('Time zone').selectOption('America/Montreal').catch(() => page
    .getByLabel('Time zone').selectOption('America/New_York'));
  await page.getByRole('main').getByRole('button', { name: 'Save', exact: true }).first().click();
  await page.waitForURL(/saved/);
  assert.equal(await page.getByLabel('Name').inputValue(), 'Zoë Núñez');
  await page.getByRole('contentinfo').getByRole('button', { name: 'Français' }).click();
  await page.locator('html[lang=fr]').waitFor();
  assert.match(page.url(), /\/account/, 'the language is changed where one is');
  await leave();
});

test('what one is told is chosen by kind and channel, and quiet hours are kept', async () => {
  const { page, leave } = await signedIn(await newLearner());
  await page.goto('/account/notifications');
  const mails = page.getByRole('checkbox', { name: /Enrolments: mail/i });
  assert.ok(await mails.isChecked());
  await mails.uncheck();
  await page.getByRole('button', { name: 'Save these choices' }).click();
  await page.waitForURL(/done=saved/);
  assert.ok(!await page.getByRole('checkbox', { name: /Enrolments: mail/i }).isChecked());
  await page.getByLabel('From').fill('21:30');
  await page.getByLabel('To', { exact: true }).fill('06:15');
  await page.getByRole('button', { name: 'Save the quiet hours' }).click();
  await page.getByText('Every day from 21:30 to 06:15.').waitFor();
  await leave();
});

test('on a telephone what can be chosen and what was sent is in sight, and no word is broken', async () => {
  const mail = await newLearner();
  const { page, leave } = await signedIn(mail, { width: 320 });
  const isInSight = (cells) => cells.every((it) => it.getBoundingClientRect().right <= window.innerWidth);
  await page.goto('/account/notifications');
  const choices = page.getByRole('main').getByRole('checkbox');
  assert.ok(await choices.count() > 3);
  assert.ok(await choices.evaluateAll(isInSight), 'no choice lies beyond the edge');
  await page.getByRole('checkbox', { name: /Enrolments: mail/i }).uncheck();
  await enrolled(mail);
  const cells = page.getByRole('main').locator('td');
  await appears(page, '/account/deliveries', cells);
  assert.ok(await cells.evaluateAll(isInSight), 'nothing that was sent lies beyond the edge');

  await page.goto(COURSE);
  await page.getByRole('main').locator('a[href^="/quizzes/"]').first().click();
  await page.locator('.stats dd').first().waitFor();
  const broken = await page.locator('.stats dd').evaluateAll((facts) => facts.filter((fact) => {
    const words = fact.parentElement.appendChild(fact.cloneNode(true));
    Object.assign(words.style, { width: 'min-content', overflowWrap: 'normal' });
    const { paddingInlineStart, paddingInlineEnd } = getComputedStyle(fact.parentElement);
    const room = fact.parentElement.clientWidth - parseFloat(paddingInlineStart) - parseFloat(paddingInlineEnd);
    const needed = words.offsetWidth;
    words.remove();
    return needed > room;
  }).length);
  assert.equal(broken, 0, 'the facts of a quiz stand in whole words');
  await leave();
});

test('a message appears by itself, with the number of those not read yet', async () => {
  const mail = await newLearner();
  const { page, leave } = await signedIn(mail);
  await page.goto('/courses');
  const unread = page.getByRole('navigation').locator('[data-unread]');
  assert.ok(await unread.isHidden(), 'nothing is there yet');
  await enrolled(mail);
  await becomes('the number appears', () => unread.isVisible());
  assert.match(await unread.innerText(), /1/);
  await page.goto('/inbox');
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await page.getByRole('button', { name: 'Mark all as read' }).waitFor({ state: 'detached' });
  await leave();
});

test('a certificate is read, downloaded and shared', async () => {
  const { page, context, leave } = await inEnglish(stage.people.learner);
  await appears(page, '/certificates', page.getByRole('main').locator('a[href^="/certificates/"]'));
  await page.getByRole('main').locator('h2 a[href^="/certificates/"]').first().click();
  await page.waitForURL(/\/certificates\/.+/);
  assert.ok(await isPicture(page.getByRole('main').locator('img')));
  const pdf = await downloaded(page, page.getByRole('link', { name: 'Download the PDF' }));
  assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Share' }).click();
  const shared = await becomes('the address is copied', () => page.evaluate(() => navigator.clipboard.readText()));
  await page.goto(shared);
  assert.match(await page.getByRole('main').innerText(), /This certificate is valid/);
  await leave();
});

test('one’s data are taken along, and then the account is gone for good', async () => {
  const mail = await newLearner();
  const { page, leave } = await signedIn(mail);
  await page.goto('/account/data');
  await page.getByRole('button', { name: 'Export my data' }).click();
  const archive = page.getByRole('link', { name: /^Download/ });
  await archive.waitFor();
  assert.equal((await downloaded(page, archive)).subarray(0, 2).toString(), 'PK', 'a ZIP');
  await page.getByRole('link', { name: /Erase my account/ }).click();
  await page.getByLabel('Present password').fill(stage.password);
  await page.getByRole('button', { name: 'Erase my account for ever' }).click();
  await page.waitForURL(/\/account\/erased/);
  await page.goto('/learning');
  await page.waitForURL(/\/sign-in/);
  await leave();
  const again = await fetch(`${stage.address}/api/v1/tokens`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ mail, password: stage.password }),
  });
  assert.equal(again.status, 401, 'nobody is there any more');
});
