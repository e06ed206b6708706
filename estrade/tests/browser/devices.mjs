// A learner's devices: push is turned on in a browser, what is pushed is shown there and leads to its page; it ends
// by their wish, by the push service's word, by signing out, and where somebody else comes after them.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { PushService, click, deliver, renew, shown, subscription } from './push.mjs';
import { enrol } from './quiz.mjs';
import { appears, becomes, call, newLearner, signIn, signedIn, stage, test, tokenOf } from './tools.mjs';

const DEVICES = '/account/devices';

const on = (page) => page.getByRole('button', { name: 'Turn on notifications on this device' });
const off = (page) => page.getByRole('button', { name: 'Turn off notifications on this device' });
const cards = (page) => page.getByRole('main').locator('li.card');

/** Those to which something is sent. */
const devices = async (token) => (await call('GET', '/api/v1/me/devices', undefined, token)).devices;

/** A new learner's browser with a push service, and push turned on. */
async function reached() {
  const mail = await newLearner();
  const who = await signedIn(mail);
  const service = await PushService.of(who.context);
  await turnOn(who.page);
  return { ...who, service, token: await tokenOf(mail) };
}

async function turnOn(page) {
  await page.goto(DEVICES);
  await on(page).click();
  await off(page).waitFor();
}

/** A trial message, shown in the browser. */
async function tried({ page, service }) {
  await cards(page).getByRole('button', { name: /^Send a trial message/ }).first().click();
  await page.waitForURL(/done=tried/);
  const trial = await service.receive();
  await deliver(page, trial);
  return trial;
}

test('a push message is shown on a device that was turned on, and a click on it leads to its page', { timeout: 90_000 }, async () => {
  const { context, page, service, token, leave } = await reached();
  assert.match(await cards(page).innerText(), /Chrome · Linux/);
  await page.goto('/account/notifications');
  assert.ok(await page.getByRole('checkbox', { name: /^Messages to a course: push/i }).isChecked());
  await enrol(page);
  const told = await service.receive();
  assert.match(told.title, /^You are enrolled: Message queues by example/);
  await deliver(page, told);
  assert.deepEqual(await shown(page), [told]);
  assert.deepEqual(await click(context, told.title), { opens: told.url });
  assert.deepEqual(await shown(page), [], 'what was clicked is done with');
  await page.goto(told.url);
  assert.match(await page.getByRole('heading', { level: 1 }).innerText(), /Message queues by example/);

  await writeTo(told.url.split('/').pop());
  const message = await service.receive();
  assert.equal(message.title, 'Office hours');
  assert.match(message.body, /Message queues by example/);
  await deliver(page, message);
  assert.deepEqual(await click(context, message.title), { focuses: message.url }, 'it is open already');

  await page.goto(DEVICES);
  await off(page).click();
  await page.getByText('No device receives your notifications yet.').waitFor();
  await on(page).waitFor();
  assert.equal(await subscription(page), null);
  assert.deepEqual(await devices(token), []);
  await leave();
});

/** Its instructor, to all who take it. */
async function writeTo(course) {
  const message = { form: randomUUID(), subject: 'Office hours', text: 'On **Friday** at ten.' };
  await call('POST', `/api/v1/rosters/${course}/messages`, message, await tokenOf(stage.people.instructor));
}

test('a device that its push service no longer knows says so, and can be turned on anew', { timeout: 90_000 }, async () => {
  const who = await reached();
  const { page, service, token } = who;
  service.answer = 410;
  await cards(page).getByRole('button', { name: /^Send a trial message/ }).click();
  await service.receive();
  await appears(page, DEVICES, page.getByText(/This device no longer receives anything/).first());
  assert.deepEqual(await devices(token), []);
  service.answer = 201;
  await turnOn(page);
  assert.equal(await cards(page).count(), 2, 'the one that is gone is still told of');
  assert.equal((await tried(who)).title, 'It works');

  await cards(page).first().getByRole('button', { name: /^Remove/ }).click();
  await page.waitForURL(/done=removed/);
  await on(page).waitFor();
  assert.deepEqual(await devices(token), []);
  await who.leave();
});

test('a click on a push message finds a page that was open before the service worker was', async () => {
  const { context, page, leave } = await signedIn(await newLearner());
  const service = await PushService.of(context);
  await page.goto(DEVICES);
  const other = await context.newPage();
  await turnOn(other);
  const trial = await tried({ page: other, service });
  assert.equal(trial.url, stage.address + DEVICES);
  assert.equal(await page.evaluate(() => navigator.serviceWorker.controller), null);
  assert.deepEqual(await click(context, trial.title), { focuses: trial.url });
  await leave();
});

test('who signs out leaves a device to which nothing is pushed, and which shows nothing of theirs', async () => {
  const who = await reached();
  const { page, token } = who;
  await tried(who);
  await page.getByRole('button', { name: 'Sign out' }).first().click();
  await page.waitForURL(/\/sign-in/);
  assert.deepEqual(await shown(page), []);
  assert.equal(await subscription(page), null);
  assert.deepEqual(await devices(token), []);
  await who.leave();
});

test('what is pushed to somebody who did not sign out is not for who comes after them on the device', async () => {
  const who = await reached();
  const { context, page, token } = who;
  await tried(who);
  await context.clearCookies();
  const next = await newLearner();
  await signIn(context, next);
  await page.goto('/courses');
  await becomes('nothing is pushed there any more', async () => (await subscription(page)) === null);
  assert.deepEqual(await shown(page), []);
  assert.deepEqual(await devices(token), []);
  await page.goto(DEVICES);
  await on(page).waitFor();
  assert.deepEqual(await devices(await tokenOf(next)), []);
  await who.leave();
});

test('a push service gives a browser another address, and it stays the device that it was', async () => {
  const { page, token, leave } = await reached();
  const [{ id }] = await devices(token);
  await renew(page, { isTold: true });
  await page.reload();
  await off(page).waitFor();
  const renewed = await devices(token);
  assert.equal(renewed.length, 1);
  assert.notEqual(renewed[0].id, id);
  assert.match(await cards(page).innerText(), /Chrome · Linux/);
  await renew(page, { isTold: false });
  await page.reload();
  await off(page).waitFor();
  assert.equal((await devices(token)).length, 2, 'nobody said which it was: its push service will');
  await leave();
});

test('push that cannot be turned on without a connection says so, and can be with one', async () => {
  const { context, page, leave } = await signedIn(await newLearner());
  await PushService.of(context);
  await page.goto(DEVICES);
  await on(page).waitFor();
  await context.setOffline(true);
  await on(page).click();
  await page.getByText(/That did not work/).waitFor();
  await context.setOffline(false);
  await on(page).click();
  await off(page).waitFor();
  await leave();
});

test('a browser that allows no push messages says so where they are turned on', async () => {
  const { page, leave } = await signedIn(await newLearner());
  await page.goto(DEVICES);
  await on(page).click();
  const refused = page.getByText(/This browser did not allow it/);
  await refused.waitFor();
  assert.ok(await on(page).isEnabled());
  await page.reload();
  await refused.waitFor();
  await leave();
});
