// An operator's day: what waits, what is dead and why, a person's way through the platform, copies, the picture.

import assert from 'node:assert/strict';
import { appears, becomes, enrolled, findPerson, inEnglish, stage, test, visited } from './tools.mjs';

test('queues and handlers are seen, service by service', async () => {
  const { page, leave } = await inEnglish(stage.people.operator);
  await page.goto('/operations');
  const main = page.getByRole('main');
  for (const service of ['identity', 'catalog', 'learning', 'assessment', 'certification', 'notification', 'insight']) {
    assert.ok((await main.getByRole('link', { name: service }).count()) > 0, service);
  }
  await main.getByRole('link', { name: 'assessment' }).first().click();
  await page.waitForURL(/\/operations\/assessment/);
  assert.match(await main.innerText(), /assessment\.grade/);
  await page.goto('/operations/dead');
  assert.deepEqual((await main.locator('li.card h2').allInnerTexts()).sort(),
    ['certification.copy-person', 'certification.issue'], 'the demo leaves two');
  await leave();
});

test('a person is found by their address, with what happened and what did not', async () => {
  const { page, leave } = await inEnglish(stage.people.operator);
  const address = await findPerson(page, stage.people.learner);
  await appears(page, address, page.getByRole('main').getByText(/Enrolled|enrol/i).first());
  visited.operator.push(address, address.replace('/operations/', '/operations/learning/'));
  await leave();
});

test('the platform is examined while the page stands, and what is found comes by itself', async () => {
  const { page, leave } = await inEnglish(stage.people.operator);
  await page.goto('/operations/health');
  const main = page.getByRole('main');
  await main.locator('tbody tr', { hasText: 'queues as declared' }).waitFor();
  await page.locator('#health[data-live]').waitFor({ state: 'detached' });
  assert.match(await main.innerText(), /Examined just now/);
  await main.getByRole('link', { name: 'Look again' }).click();
  await main.locator('tbody tr', { hasText: 'queues as declared' }).waitFor();
  await leave();
});

/** A queue in the picture, marked like this. */
const queueOf = (page, service, name, marked) => page
  .locator(`.hears[data-of=${service}] g${marked}:has(text:text-is("${name}"))`);

test('the picture shows events as they move, and says the same in a table', async () => {
  const { page, leave } = await inEnglish(stage.people.operator, { reducedMotion: 'no-preference' });
  await page.goto('/operations/picture');
  // Out of its outbox into the exchange, along a line into the queue, and on into the service.
  const seen = Promise.all([
    page.locator('.dot[data-of=learning]', { hasText: 'learner-enrolled' }).first(),
    page.locator('.says[data-of=learning].on'),
    page.locator('.exchange.lit'),
    queueOf(page, 'notification', 'notify', '.lit[data-of=learning]'),
    page.locator('.hears[data-of=notification].lit'),
  ].map((part) => part.waitFor({ state: 'attached' })));
  await enrolled();
  await seen;
  await becomes('the enrolment is in the list', async () => /says learner-enrolled/
    .test(await page.locator('[data-moves]').innerText()));
  assert.ok(await page.locator('[data-idle]').isHidden(), 'something moves');
  assert.match(await page.locator('[data-row=learning]').innerText(), /copy-course/);
  await leave();
});

test('the picture holds still, and an event is seen to arrive in its queue', async () => {
  const { page, leave } = await inEnglish(stage.people.operator, { reducedMotion: 'reduce' });
  await page.goto('/operations/picture');
  const arrived = queueOf(page, 'notification', 'notify', '.lit[data-of=learning]');
  await page.getByRole('button', { name: 'Slow motion' }).click();
  await enrolled();
  await arrived.waitFor({ state: 'attached' });
  assert.equal(await page.locator('.dot').count(), 0, 'nothing flies');
  await leave();
});
