// Ways through a quiz that several days have in common.

import { appears } from './tools.mjs';

export const COURSE = '/courses/message-queues-by-example';

export async function enrol(page) {
  await page.goto(COURSE);
  await page.getByRole('main').getByRole('button', { name: /enrol/i }).first().click();
  await page.waitForURL(/\/learning/);
  await appears(page, '/learning', page.getByRole('main').getByText('Message queues by example'));
}

export async function openQuiz(page) {
  await page.goto(COURSE);
  await page.getByRole('main').locator('a[href^="/quizzes/"]').first().click();
  await page.getByRole('main').locator('form[action$="/attempts"] button').click();
  await page.waitForURL(/\/attempts\//);
}

/** Every question gets an answer, any: what is chosen last in it, or some text. */
export async function answerAll(page) {
  for (const question of await page.locator('main form fieldset').all()) {
    await answer(question);
  }
}

export async function answer(question) {
  const choices = question.locator('input[type=radio], input[type=checkbox]');
  if ((await choices.count()) > 0) return choices.last().check();
  for (const list of await question.locator('select').all()) {
    await list.selectOption({ index: 1 });
  }
  for (const line of await question.locator('input[type=text], textarea').all()) {
    const isNumber = (await line.getAttribute('inputmode')) === 'decimal';
    await line.fill(isNumber ? '42' : 'The outbox row is written in the same transaction.');
  }
  return undefined;
}

/** Looks it over and gives it in. */
export async function submit(page) {
  await page.getByRole('button', { name: 'Look over and submit' }).click();
  await page.waitForURL(/\/review/);
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.waitForURL(/\/attempts\/[^/]+$/);
}

/** What stands in the form: as it would be sent. */
export function given(page) {
  return page.locator('main form:has(fieldset)').evaluate((form) => [...new FormData(form)]
    .filter(([name, value]) => name.startsWith('question-') && value !== '')
    .map(([name, value]) => `${name}=${String(value).trim()}`)
    .sort());
}
