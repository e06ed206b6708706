// An operator repairs: what the demo left is found by clicking. A dead letter is rehearsed and given once more with
// success, another that nobody can read is discarded; copies are compared with their owners, and one is mended.

import assert from 'node:assert/strict';
import { becomes, certificatesOf, inEnglish, stage, test } from './tools.mjs';

/** Who has no certificate, for a copy was lost at the time. */
const UNCERTIFIED = 'iris@example.org';

/** The letters of one handler, of which there is one group. */
async function open(page, consumer) {
  await page.goto('/operations/dead');
  const card = page.getByRole('main').locator('li.card', { has: page.locator(`h2 code:text-is("${consumer}")`) });
  await card.locator('a[href*="/dead/groups/"]').click();
  await page.waitForURL(/\/dead\/groups\//);
  await page.getByRole('main').locator('a[href*="/dead/letters/"]').first().click();
  await page.waitForURL(/\/dead\/letters\//);
}

test('a dead letter whose cause is gone is rehearsed and given once more, and what was missing comes', { timeout: 90_000 }, async () => {
  const { page, leave } = await inEnglish(stage.people.operator);
  const main = page.getByRole('main');
  assert.deepEqual(await certificatesOf(UNCERTIFIED), [], 'it was never issued');
  await open(page, 'certification.issue');
  const letter = page.url();
  assert.match(await main.innerText(), /the copy of person .+ has not arrived/, 'the cause is said');
  await main.getByRole('link', { name: 'Once more' }).click();
  await page.waitForURL(/\/dead\/replay/);
  await main.getByRole('link', { name: 'Try first what would happen' }).click();
  await main.getByText('Nothing was changed.').waitFor();
  assert.match(await main.innerText(), /Would succeed/);
  assert.deepEqual(await certificatesOf(UNCERTIFIED), [], 'a rehearsal issues nothing');
  await main.getByRole('button', { name: 'Give them once more' }).click();
  await main.getByText('One letter is tried again.').waitFor();
  await becomes('the certificate is issued', async () => (await certificatesOf(UNCERTIFIED))
    .some(({ state }) => state === 'issued'));
  await page.goto(letter);
  assert.match(await main.innerText(), /Was given once more/);
  await leave();
});

test('a dead letter that nobody can read is shown, rehearsed, and discarded with a reason', { timeout: 90_000 }, async () => {
  const { page, leave } = await inEnglish(stage.people.operator);
  const main = page.getByRole('main');
  await open(page, 'certification.copy-person');
  const letter = page.url();
  assert.match(await main.innerText(), /does not read as this type/, 'the cause is said');
  await main.getByRole('link', { name: 'Once more' }).click();
  await page.waitForURL(/\/dead\/replay/);
  await main.getByRole('link', { name: 'Try first what would happen' }).click();
  await main.getByText('Nothing was changed.').waitFor();
  assert.match(await main.innerText(), /Would fail again/);
  await page.goto(letter);
  await main.getByRole('link', { name: 'Discard' }).click();
  await page.waitForURL(/\/dead\/discard/);
  await main.getByRole('button', { name: 'Discard them' }).click();
  await page.getByRole('alert').first().waitFor();
  await main.getByLabel('Why').fill('Sent by a faulty release.');
  await main.getByRole('button', { name: 'Discard them' }).click();
  await main.getByText('One letter was discarded. The reason is kept.').waitFor();
  await page.goto(letter);
  assert.match(await main.innerText(), /Sent by a faulty release/);
  await page.goto('/operations/dead');
  await main.getByRole('link', { name: 'Letters that were decided about' }).click();
  await page.waitForURL(/\/operations\/dead\/settled/);
  const line = main.locator('tbody tr', { hasText: 'Sent by a faulty release.' });
  assert.match(await line.innerText(), /certification\.copy-person\s+Was discarded/);
  await leave();
});

test('copies are compared on demand, the one that differs is mended, and the page tells what came of it', async () => {
  const { page, leave } = await inEnglish(stage.people.operator);
  await page.goto('/operations/copies');
  await page.getByRole('button', { name: 'Compare and repair now' }).click();
  await page.waitForURL(/\/operations\/copies/);
  await becomes('the outcome is told', async () => {
    await page.goto('/operations/copies');
    return /One copy was repaired\. All are in step now\./.test(await page.getByRole('main').innerText());
  });
  const line = page.locator('details tbody tr', { hasText: 'certification' }).filter({ hasText: 'identity.persons' });
  assert.deepEqual((await line.locator('td').allTextContents()).slice(2), ['1', '0'], 'repaired, and left');
  await leave();
});
