// An operator where each service runs in a process of its own: whatever page is looked at, what other processes know is
// shown there too, and what changes in any of them reaches the browser. `estrade/tests/it/browser/mod.rs` starts it, with
// a platform of its own.

import assert from 'node:assert/strict';
import { AXE, findPerson, inEnglish, stage, test, violations } from './tools.mjs';

/** What the script put there as well. */
async function isForEverybody(page) {
  await page.evaluate(AXE);
  assert.deepEqual(await violations(page), []);
}

/** The part of a page that another process knows. */
const partOf = (page, address) => page.locator(`[data-from="${address}"]`);

test('the overview shows the figures of all services', async () => {
  const { page, leave } = await inEnglish(stage.people.operator);
  await page.goto('/operations');
  const row = partOf(page, '/operations/certification');
  await row.locator('.pill', { hasText: 'Dead letters wait' }).waitFor();
  const figures = await row.locator('td').allInnerTexts();
  assert.equal(figures.length, 7, figures.join(' | '));
  assert.equal(figures.at(-1), '2', 'the demo leaves two letters');
  await isForEverybody(page);
  await leave();
});

test('copies are compared where their owner is, and the finding is shown that another process keeps', async () => {
  const { page, leave } = await inEnglish(stage.people.operator);
  await page.goto('/operations/copies');
  await page.getByRole('button', { name: 'Compare and repair now' }).click();
  await page.getByText('Whoever holds copies in another process was asked').waitFor();
  assert.doesNotMatch(await page.getByRole('main').innerText(), /All copies are in step/);
  const persons = partOf(page, '/operations/certification/copies').locator('tr', { hasText: 'identity.persons' });
  await persons.locator('.pill', { hasText: 'differed' }).waitFor();
  await isForEverybody(page);
  await leave();
});

test('a person’s timeline is told by all services', async () => {
  const { page, leave } = await inEnglish(stage.people.operator);
  const address = await findPerson(page, stage.people.learner);
  const person = address.split('/').at(-1);
  await partOf(page, `/operations/insight/people/${person}`).getByText(/Enrolled/).first().waitFor();
  await partOf(page, `/operations/notification/people/${person}`).getByText(/by mail/).first().waitFor();
  assert.doesNotMatch(await page.getByRole('main').innerText(), /\b0 done/);
  await isForEverybody(page);
  await leave();
});

test('dead letters of all services are shown, and a page hears of what changes in its own process', async () => {
  const { page, leave } = await inEnglish(stage.people.operator);
  await page.goto('/operations/dead');
  await page.getByText('No dead letter of identity waits.').waitFor();
  const part = partOf(page, '/operations/certification/dead');
  await part.locator('h2', { hasText: 'certification.issue' }).waitFor();
  await isForEverybody(page);
  await page.goto('/operations/certification/dead');
  assert.equal(await page.locator('li.card').count(), 2);
  const form = { all: '1', reason: 'They are of no use.' };
  const answer = await page.request.post('/operations/certification/dead/discard', { form, maxRedirects: 0 });
  assert.equal(answer.status(), 303);
  await page.getByText('No dead letter of certification waits.').waitFor();
  await page.goto('/operations/dead/settled');
  const settled = partOf(page, '/operations/certification/dead/settled');
  await settled.getByText('They are of no use.').first().waitFor();
  await leave();
});
