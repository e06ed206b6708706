// An administrator's day: people, roles, invitations, many enrolments at once, certificates, the organisation.

import assert from 'node:assert/strict';
import { letter } from './mails.mjs';
import { appears, becomes, inEnglish, isPicture, newLearner, stage, test, visitor } from './tools.mjs';

test('somebody is invited by mail, accepts, and is given a role', async () => {
  const { page, leave } = await inEnglish(stage.people.administrator);
  const mail = `invited-${process.pid}@example.org`;
  await page.goto('/invitations/new');
  await page.getByLabel('Name').fill('Éloïse Lefèvre');
  await page.getByLabel('Mail address').fill(mail);
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.waitForURL(/\/invitations/);
  await page.getByText(mail).first().waitFor();
  const guest = await visitor();
  await guest.page.goto((await letter(mail, /\/invitation/)).link);
  await guest.page.getByLabel(/^Password/).first().fill(stage.password);
  await guest.page.getByRole('button', { name: 'Open the account' }).click();
  await guest.page.getByRole('button', { name: 'Sign out' }).first().waitFor({ state: 'attached' });
  await guest.leave();
  await page.goto(`/people?q=${encodeURIComponent(mail)}`);
  await page.getByRole('main').getByRole('link', { name: /Lefèvre/ }).first().click();
  const role = page.getByRole('checkbox', { name: /instructor/i });
  await role.check();
  await page.getByRole('button', { name: 'Save', exact: true }).first().click();
  await page.waitForLoadState();
  assert.ok(await role.isChecked());
  await leave();
});

test('enrolling by a list: twice is once, and every refused line has its reason', async () => {
  const mail = await newLearner();
  const { page, leave } = await inEnglish(stage.people.administrator);
  const lines = [
    `${mail},message-queues-by-example`,
    `${mail},message-queues-by-example`,
    `${mail},no-such-course`,
    'not an address,message-queues-by-example',
  ];
  await becomes('the new learner is known here', async () => {
    await page.goto('/enrolments');
    await page.getByLabel('Lines').fill(lines.join('\n'));
    await page.getByRole('button', { name: 'Enrol' }).last().click();
    const main = page.getByRole('main');
    await main.getByText(/1 (person enrolled|enrolled already)/).first().waitFor({ timeout: 5_000 });
    return true;
  });
  const said = await page.getByRole('main').innerText();
  assert.match(said, /2 lines refused/);
  assert.match(said, /There is no course with this key/);
  assert.match(said, /does not begin with a mail address/);
  await leave();
});

test('the organisation is described, and everybody can read it', async () => {
  const { page, leave } = await inEnglish(stage.people.administrator);
  await page.goto('/organisation');
  await page.getByLabel('Name of the organisation').fill('École du Rhône');
  await page.getByLabel('Legal mentions in English').fill('A school.\n\nOf its own.');
  await page.getByRole('button', { name: 'Save', exact: true }).first().click();
  await page.waitForLoadState();
  await page.goto('/legal');
  const said = await page.getByRole('main').innerText();
  assert.match(said, /École du Rhône/);
  assert.match(said, /Of its own/);
  await leave();
});

test('a logo is shown once it is given, however wide, and what is no picture is refused', async () => {
  const { page, leave } = await inEnglish(stage.people.administrator);
  const main = page.getByRole('main');
  await page.goto('/organisation');
  const give = async (name, mimeType, buffer) => {
    await page.getByLabel('Picture').setInputFiles({ name, mimeType, buffer });
    await main.getByRole('button', { name: 'Show this logo' }).click();
    await page.waitForLoadState();
  };
  await give('logo.png', 'image/png', Buffer.from('no picture at all'));
  await main.getByRole('alert').or(main.locator('[aria-invalid=true]')).first().waitFor();
  await give('logo.png', 'image/png', await wideLogo(page));
  const logo = main.getByRole('img', { name: 'The present logo' });
  assert.ok(await isPicture(logo));
  await fitsOnPhones();
  await main.getByRole('button', { name: 'Remove the logo' }).click();
  await main.getByText('No logo yet').waitFor();
  await leave();
});

/** Five times as wide as it is high, as many are: painted by the browser. */
async function wideLogo(page) {
  const address = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 600, height: 120 });
    canvas.getContext('2d').fillRect(0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/png');
  });
  return Buffer.from(address.split(',')[1], 'base64');
}

/** Beside the word and the button of the menu, where there is least room for it. */
async function fitsOnPhones() {
  const { page, leave } = await visitor({ width: 320 });
  await page.goto('/legal');
  const logo = page.locator('.brand img');
  assert.ok(await isPicture(logo));
  assert.equal(await logo.evaluate((it) => it.naturalWidth), 600, 'it is the one that was given');
  const beyond = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
  assert.equal(beyond, 0, 'the page scrolls sideways');
  await leave();
}

test('a certificate is found, and revoked with a reason that everybody can read', async () => {
  const { page, leave } = await inEnglish(stage.people.administrator);
  await page.goto('/issued');
  const rows = page.getByRole('main').locator('a[href^="/issued/"]');
  await rows.last().click();
  await page.waitForURL(/\/issued\/.+/);
  await page.getByRole('main').getByRole('link', { name: /revoke/i }).first().click();
  await page.getByRole('main').getByRole('radio').first().check();
  await page.getByLabel('Why').fill('The wrong person was asked for their name.');
  await page.getByRole('main').getByRole('button', { name: 'Revoke' }).click();
  await page.waitForURL(/\/issued\/[^/]+$/);
  const code = await codeIn(page.getByRole('main'));
  const guest = await visitor();
  await guest.page.goto(`/verify/${code}`);
  const said = await guest.page.getByRole('main').innerText();
  assert.match(said, /revoked/i);
  assert.match(said, /Something that it said was wrong/);
  assert.doesNotMatch(said, /The wrong person was asked/, 'what the administrator wrote is not for everybody');
  await guest.leave();
  await leave();
});

test('another certificate takes the place of one that was wrong, and both say so', async () => {
  const { page, leave } = await inEnglish(stage.people.administrator);
  const main = page.getByRole('main');
  await page.goto('/issued');
  await main.locator('a[href^="/issued/"]').last().click();
  await page.waitForURL(/\/issued\/.+/);
  const wrong = page.url();
  await main.getByRole('link', { name: 'Issue another in its place' }).click();
  await main.getByRole('button', { name: 'Issue it' }).click();
  await main.getByRole('alert').or(main.locator('[aria-invalid=true]')).first().waitFor();
  await page.getByLabel('Why').fill('The name was misspelt.');
  await main.getByRole('button', { name: 'Issue it' }).click();
  await page.waitForURL((url) => !url.pathname.endsWith('/reissue'));
  const successor = main.getByRole('link', { name: 'Another was issued in its place' });
  await appears(page, wrong, successor);
  const old = await codeIn(main);
  await successor.click();
  await page.waitForURL((url) => url.href !== wrong);
  await appears(page, page.url(), main.getByRole('link', { name: /PDF|download/i }));
  const fresh = await codeIn(main);
  assert.notEqual(fresh, old);
  await page.goto(`/verify/${old}`);
  assert.match(await main.innerText(), /no longer valid|no longer holds/);
  await page.goto(`/verify/${fresh}`);
  assert.match(await main.innerText(), /This certificate is valid/);
  await leave();
});

async function codeIn(main) {
  return (await main.innerText()).match(/([0-9A-Z]{4}-){3}[0-9A-Z]{4}/)[0];
}

test('the catalogue of certificate designs can be looked at before one is used', async () => {
  const { page, leave } = await inEnglish(stage.people.administrator);
  await page.goto('/designs');
  const previews = page.getByRole('main').locator('img');
  await appears(page, '/designs', previews);
  assert.ok(await isPicture(previews.first()), 'the preview is a picture');
  await leave();
});
