// A learner's day: enrol, read, take the quiz, and see what came of it.

import assert from 'node:assert/strict';
import { COURSE, answer, answerAll, enrol, given, openQuiz, submit } from './quiz.mjs';
import { appears, becomes, newLearner, signedIn, stage, test, visited, visitor } from './tools.mjs';

const LESSON = `${COURSE}/lessons/01-why-queues`;

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';
  test(`enrol, read, take the quiz and see the result, ${how}`, async () => {
    const who = await signedIn(await newLearner(), { javaScriptEnabled });
    const { page } = who;
    await enrol(page);
    await page.goto(LESSON);
    await page.getByRole('button', { name: /mark as read/i }).click();
    await page.waitForURL(/lessons\/02/);
    await page.goto('/learning');
    assert.match(await page.getByRole('main').innerText(), /1 of \d+ steps? done/);
    await openQuiz(page);
    await answerAll(page);
    const before = await given(page);
    await Promise.all([
      page.waitForEvent('load'),
      page.getByRole('button', { name: /^save/i }).first().click(),
    ]);
    await page.reload();
    assert.deepEqual(await given(page), before, 'answers stand as they were given');
    await submit(page);
    await becomes('the attempt is graded, but for the essay', async () => {
      if (!javaScriptEnabled) await page.reload();
      return /teacher/i.test(await page.getByRole('main').innerText());
    });
    await appears(page, '/inbox', page.getByRole('main').getByText('Message queues by example').first());
    await who.leave();
  });
}

test('the whole way by keyboard: sign in, enrol, read, take the quiz', async () => {
  const mail = await newLearner();
  const { page, leave } = await visitor();
  await page.goto('/sign-in');
  await tabTo(page, /mail address/i);
  await page.keyboard.type(mail);
  await tabTo(page, /^password/i);
  await page.keyboard.type(stage.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname !== '/sign-in');
  await page.goto(COURSE);
  await tabTo(page, /skip|content/i);
  await page.keyboard.press('Enter');
  await tabTo(page, /^enrol/i);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/learning/);
  await appears(page, '/learning', page.getByRole('main').getByText('Message queues by example'));
  await page.goto(LESSON);
  await tabTo(page, /mark as read/i);
  await page.keyboard.press('Enter');
  await page.waitForURL(/lessons\/02/);
  await page.goto(COURSE);
  await tabTo(page, /final quiz/i);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/quizzes\//);
  await tabTo(page, /start the quiz/i);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/attempts\//);
  await tabTo(page, /^(true|false)/i);
  await page.keyboard.press('Space');
  assert.equal(await page.locator('input:checked').count(), 1, 'a choice is made by the space bar');
  await leave();
});

/** Presses Tab until what has the focus is called so; what has it can be seen to have it. */
async function tabTo(page, name) {
  for (let presses = 0; presses < 150; presses += 1) {
    await page.keyboard.press('Tab');
    const { called, isSeen } = await page.evaluate(() => {
      const node = document.activeElement;
      const style = getComputedStyle(node);
      if (node === document.body) return { called: '' };
      const called = node.getAttribute('aria-label') || node.labels?.[0]?.innerText || node.innerText || '';
      const isSeen = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
      return { called: called.trim(), isSeen };
    });
    if (called) assert.ok(isSeen, `“${called}” shows that it has the focus`);
    if (name.test(called)) return;
  }
  assert.fail(`no Tab leads to ${name}`);
}

test('a lost connection loses no answer', async () => {
  const who = await signedIn(await newLearner());
  const { context, page } = who;
  await enrol(page);
  await openQuiz(page);
  const questions = page.locator('main form fieldset:has(input, select, textarea)');
  await answer(questions.nth(0));
  await context.setOffline(true);
  await answer(questions.nth(1));
  await answer(questions.nth(2));
  const before = await given(page);
  await context.setOffline(false);
  await becomes('what was answered offline is kept by the server', async () => {
    const other = await context.newPage();
    await other.goto(page.url());
    const kept = await given(other);
    await other.close();
    return JSON.stringify(kept) === JSON.stringify(before);
  });
  await who.leave();
});

test('what is answered is looked over before it is given in', async () => {
  const who = await signedIn(stage.people.learner);
  const { page } = who;
  await openQuiz(page);
  await page.getByRole('main').locator('button[formaction$="/review"], button').filter({ hasText: /Look over|Relire|Vérifier/ })
    .first().click();
  await page.waitForURL(/\/review/);
  visited.learner.push(new URL(page.url()).pathname);
  await who.leave();
});
