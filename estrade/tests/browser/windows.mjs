// One quiz in several windows, on several devices, without a connection or a session: nothing that was written is
// lost, and nothing takes the place of what somebody did not see.

import assert from 'node:assert/strict';
import { enrol, openQuiz } from './quiz.mjs';
import { PATIENCE, becomes, enrolled, fillSignIn, newLearner, signedIn, test } from './tools.mjs';

const line = (page, at) => page.locator('main form input[type=text]:not([inputmode])').nth(at);
const state = (page) => page.locator('[data-autosave-state]');

async function begun(mail) {
  const who = await signedIn(mail);
  await enrol(who.page);
  await openQuiz(who.page);
  return who;
}

/** Writes, and gives the status with which that was answered. */
async function write(field, text) {
  const page = field.page();
  const answer = page.waitForResponse((response) => response.url().endsWith('/answers'));
  await field.fill(text);
  return (await answer).status();
}

/** What is said beside a field, and that it is said to those who do not see it. */
async function besides(field) {
  const note = field.locator('xpath=ancestor::fieldset').locator('.error');
  await note.waitFor();
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  assert.equal(await field.getAttribute('aria-describedby'), await note.getAttribute('id'));
  return note;
}

test('a quiz in two windows keeps what was written in both, and shows both where they differ', async () => {
  const who = await begun(await newLearner());
  const { context, page } = who;
  const other = await context.newPage();
  await other.goto(page.url());
  assert.equal(await write(line(page, 0), 'one'), 204);
  assert.equal(await write(line(other, 1), 'mandatory'), 204);
  await page.reload();
  assert.deepEqual([await line(page, 0).inputValue(), await line(page, 1).inputValue()], ['one', 'mandatory']);

  assert.equal(await write(line(other, 0), 'two'), 409, 'the other window does not know the answer');
  const note = await besides(line(other, 0));
  assert.match(await note.innerText(), /“one”/);
  assert.equal(await line(other, 0).inputValue(), 'two', 'what was typed stays');
  const before = other.url();
  await other.getByRole('button', { name: 'Look over and submit' }).click();
  await becomes('the question has the focus', () => line(other, 0).evaluate((it) => it === document.activeElement));
  assert.equal(other.url(), before, 'nothing is given in that is not saved');
  await note.getByRole('button', { name: 'Take the other' }).click();
  assert.equal(await line(other, 0).inputValue(), 'one');
  assert.equal(await line(other, 0).getAttribute('aria-invalid'), null);
  assert.equal(await write(line(other, 0), 'three'), 204, 'it knows the answer now');

  assert.equal(await write(line(page, 0), 'four'), 409);
  await (await besides(line(page, 0))).getByRole('button', { name: 'Keep mine' }).click();
  await becomes('it is saved', async () => (await state(page).getAttribute('data-state')) === 'saved');
  await other.reload();
  assert.equal(await line(other, 0).inputValue(), 'four');
  await who.leave();
});

test('a quiz answered offline and on a second device loses neither', async () => {
  const mail = await newLearner();
  const phone = await begun(mail);
  const desk = await signedIn(mail);
  await desk.page.goto(phone.page.url());
  await phone.context.setOffline(true);
  await line(phone.page, 0).fill('from the phone');
  await line(phone.page, 1).fill('phone');
  await state(phone.page).filter({ hasText: /kept on this device/ }).waitFor();
  assert.equal(await write(line(desk.page, 1), 'desk'), 204);

  const address = phone.page.url();
  await phone.page.close();
  await phone.context.setOffline(false);
  const again = await phone.context.newPage();
  await again.goto(address);
  const note = await besides(line(again, 1));
  assert.match(await note.innerText(), /“desk”/);
  assert.deepEqual([await line(again, 0).inputValue(), await line(again, 1).inputValue()], ['from the phone', 'phone']);
  await desk.page.reload();
  assert.deepEqual(
    [await line(desk.page, 0).inputValue(), await line(desk.page, 1).inputValue()],
    ['from the phone', 'desk'],
    'what nobody has changed elsewhere is sent, and nothing else',
  );
  await note.getByRole('button', { name: 'Keep mine' }).click();
  await becomes('the second device sees it', async () => {
    await desk.page.reload();
    return (await line(desk.page, 1).inputValue()) === 'phone';
  });
  await desk.leave();
  await phone.leave();
});

test('a quiz whose session ended is saved once one is signed in again', async () => {
  const mail = await newLearner();
  const who = await begun(mail);
  const { context, page } = who;
  const address = page.url();
  await context.clearCookies();
  assert.equal(await write(line(page, 0), 'kept'), 401);
  await page.getByRole('button', { name: 'Look over and submit' }).click();
  await state(page).getByRole('link').click();
  await page.waitForURL(/sign-in\?next=/);
  await fillSignIn(page, mail);
  await page.waitForURL(address);
  await becomes('it is put back and saved', async () => {
    const other = await context.newPage();
    await other.goto(address);
    const found = await line(other, 0).inputValue();
    await other.close();
    return found === 'kept' && /put back/.test(await state(page).innerText());
  });
  await who.leave();
});

test('six windows of one person all load, and what is new arrives in all of them', { timeout: 120_000 }, async () => {
  const mail = await newLearner();
  const { context, page, leave } = await signedIn(mail);
  const windows = [page];
  while (windows.length < 6) windows.push(await context.newPage());
  for (const each of windows) await each.goto('/learning');
  const unread = (each) => each.getByRole('navigation').locator('[data-unread]');
  const badges = () => Promise.all(windows.map((each) => unread(each).isVisible()));
  assert.deepEqual(await badges(), windows.map(() => false), 'nothing is there yet');
  await enrolled(mail);
  await becomes('the number is in all of them', async () => (await badges()).every(Boolean));
  const seats = () => Promise.all(windows.map((each) => each.locator('#my-courses progress').count()));
  await becomes('the course is in all of them', async () => (await seats()).every(Boolean), 2 * PATIENCE);

  // One of the others takes over from the window that followed the number for all.
  await windows.shift().close();
  await windows[0].goto('/inbox');
  await windows[0].getByRole('button', { name: 'Mark all as read' }).click();
  await becomes('the number is gone', async () => !(await badges()).some(Boolean), 2 * PATIENCE);
  await leave();
});

test('the number of unread messages is seen on a telephone, where the menu is closed', async () => {
  const mail = await newLearner();
  const { page, leave } = await signedIn(mail, { width: 320 });
  await page.goto('/courses');
  const button = page.getByRole('button', { name: /^Menu/ });
  assert.ok(await button.locator('[data-unread]').isHidden(), 'nothing is there yet');
  await enrolled(mail);
  await page.getByRole('button', { name: /Menu.*: 1/ }).waitFor();
  await leave();
});

test('a quiz says beside the question what does not fit, and a broken copy stops nothing', async () => {
  const who = await begun(await newLearner());
  const { page } = who;
  const number = page.locator('main form input[inputmode=decimal]').first();
  assert.equal(await write(number, 'three'), 422);
  assert.match(await (await besides(number)).innerText(), /no number/);
  assert.equal(await write(number, '3'), 204);
  assert.equal(await number.getAttribute('aria-invalid'), null);
  await page.evaluate(() => {
    const { autosave } = document.querySelector('form[data-autosave]').dataset;
    localStorage.setItem(`estrade:${document.body.dataset.person}:${autosave}`, '{');
  });
  await page.reload();
  assert.equal(await write(number, '4'), 204);
  await who.leave();
});
