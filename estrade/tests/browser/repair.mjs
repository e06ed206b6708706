// An operator repairs: a dead letter is looked into, rehearsed, given once more and discarded; copies are
// compared with their owners.

import assert from 'node:assert/strict';
import { becomes, signedIn, speak, stage, test } from './tools.mjs';

test('a dead letter is shown, rehearsed, given once more, and discarded with a reason', { timeout: 90_000 }, async () => {
  const { page, leave } = await signedIn(stage.people.operator);
  await speak(page, 'en');
  const main = page.getByRole('main');
  await page.goto('/operations/dead');
  await main.locator('a[href*="/dead/groups/"]').first().click();
  await page.waitForURL(/\/dead\/groups\//);
  await main.locator('a[href*="/dead/letters/"]').first().click();
  await page.waitForURL(/\/dead\/letters\//);
  const letter = page.url();
  assert.match(await main.innerText(), /does not read as this type/, 'the cause is said');
  await main.getByRole('link', { name: 'Once more' }).click();
  await page.waitForURL(/\/dead\/replay/);
  await main.getByRole('link', { name: 'Try first what would happen' }).click();
  await main.getByText('Nothing was changed.').waitFor();
  assert.match(await main.innerText(), /Can never be read|Would fail again/);
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
  await leave();
});

test('copies are compared on demand, and the page tells what came of it', async () => {
  const { page, leave } = await signedIn(stage.people.operator);
  await speak(page, 'en');
  await page.goto('/operations/copies');
  await page.getByRole('button', { name: 'Compare and repair now' }).click();
  await page.waitForURL(/\/operations\/copies/);
  await becomes('the outcome is told', async () => {
    await page.goto('/operations/copies');
    return /nothing to repair|All are in step now/.test(await page.getByRole('main').innerText());
  });
  await leave();
});
