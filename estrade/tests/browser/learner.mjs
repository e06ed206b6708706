// A learner's day: enrol, read, take the quiz, and see what came of it.

import assert from 'node:assert/strict';
import { COURSE, answer, answerAll, enrol, given, openQuiz, submit } from './quiz.mjs';
import { appears, becomes, newLearner, signedIn, stage, test, visited } from './tools.mjs';

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
