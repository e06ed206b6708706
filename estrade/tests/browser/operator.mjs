// An operator's day: what waits, what is dead and why, a person's way through the platform, copies, the picture.

import assert from 'node:assert/strict';
import { appears, becomes, call, newLearner, signedIn, speak, stage, test, tokenOf, visited } from './tools.mjs';

test('queues and handlers are seen, service by service', async () => {
  const { page, leave } = await signedIn(stage.people.operator);
  await speak(page, 'en');
  await page.goto('/operations');
  const main = page.getByRole('main');
  for (const service of ['identity', 'catalog', 'learning', 'assessment', 'certification', 'notification', 'insight']) {
    assert.ok((await main.getByRole('link', { name: service }).count()) > 0, service);
  }
  await main.getByRole('link', { name: 'assessment' }).first().click();
  await page.waitForURL(/\/operations\/assessment/);
  assert.match(await main.innerText(), /assessment\.grade/);
  await page.goto('/operations/dead');
  assert.ok(await main.locator('a[href*="/dead/groups/"]').count() > 0, 'the demo leaves one');
  await leave();
});

test('a person is found by their address, with what happened and what did not', async () => {
  const { page, leave } = await signedIn(stage.people.operator);
  await speak(page, 'en');
  await page.goto('/operations/people');
  await page.getByRole('main').getByRole('searchbox').or(page.getByRole('main').getByRole('textbox')).first()
    .fill(stage.people.learner);
  await page.keyboard.press('Enter');
  await page.waitForURL(/people.+/);
  if (!/people\/[0-9a-f-]{36}/.test(page.url())) {
    await page.getByRole('main').locator('a[href*="/operations/people/"]').first().click();
  }
  await appears(page, page.url(), page.getByRole('main').getByText(/Enrolled|enrol/i).first());
  const { pathname } = new URL(page.url());
  visited.operator.push(pathname, pathname.replace('/operations/', '/operations/learning/'));
  await leave();
});

test('the picture shows events as they move, and says the same in a table', async () => {
  const { page, leave } = await signedIn(stage.people.operator);
  await speak(page, 'en');
  await page.goto('/operations/picture');
  await page.getByRole('main').locator('svg').first().waitFor();
  const mail = await newLearner();
  const token = await tokenOf(mail);
  const { courses: [{ course }] } = await call('GET', '/api/v1/courses');
  await becomes('the learner is enrolled', async () => call('POST', '/api/v1/enrolments', { course }, token));
  await becomes('the enrolment is seen to move', async () => /learner-enrolled/
    .test(await page.getByRole('main').innerText()));
  await leave();
});
