// Pictures of each person's main pages, narrow and wide: for the README, and for whoever changes the look.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { COURSE, openQuiz } from './quiz.mjs';
import {
  becomes, call, certificatesOf, enrolled, findPerson, signedIn, speak, stage, test, visitor,
} from './tools.mjs';

const WIDTHS = { narrow: { width: 320, height: 640 }, wide: { width: 1280, height: 800 } };
const LARGEST = 100 * 1024;
const LESSON = `${COURSE}/lessons/02-exchanges-and-queues`;

const PICTURES = {
  nobody: [
    ['catalogue', '/courses'],
    ['course', COURSE],
    ['verify', verify],
    ['sign-in', '/sign-in'],
    ['register', '/register'],
  ],
  learner: [
    ['learning', '/learning'],
    ['lesson', LESSON],
    ['quiz', quiz],
    ['review', review],
    ['certificates', '/certificates'],
    ['inbox', '/inbox'],
    ['result', result],
    ['preferences', '/account/notifications'],
  ],
  instructor: [
    ['teaching', '/teaching'],
    ['editor', () => course('/teaching/')],
    ['roster', () => course('/roster/')],
    ['results', () => course('/results/')],
    ['bank', bank],
    ['marking', '/marking'],
  ],
  administrator: [
    ['people', '/people'],
    ['designs', '/designs'],
    ['organisation', '/organisation'],
    ['issued', '/issued'],
  ],
  operator: [
    ['operations', '/operations'],
    ['picture', '/operations/picture', 'main figure', eventsMove],
    ['dead', '/operations/dead'],
    ['copies', '/operations/copies'],
    ['timeline', timeline],
  ],
};

/** The same in French and in the dark, of a few. */
const IN_FRENCH = { nobody: ['catalogue'], learner: ['learning', 'lesson'], operator: ['operations'] };

for (const [role, pictures] of Object.entries(PICTURES)) {
  test(`pictures of what ${role} sees`, { timeout: 240_000 }, async () => {
    await mkdir(stage.screens, { recursive: true });
    for (const [size, viewport] of Object.entries(WIDTHS)) {
      await sit(role, pictures, { size, viewport, language: 'en' });
    }
    const few = pictures.filter(([name]) => IN_FRENCH[role]?.includes(name));
    await sit(role, few, { size: 'french-dark', viewport: WIDTHS.wide, language: 'fr', scheme: 'dark' });
  });
}

/** One person's pages, one after the other. */
async function sit(role, pictures, { size, viewport, language, scheme }) {
  const mail = stage.people[role];
  const options = { viewport, width: viewport.width, language, scheme };
  const who = await (mail ? signedIn(mail, options) : visitor(options));
  if (mail) await speak(who.page, language);
  for (const [name, place, within, happens] of pictures) {
    const address = typeof place === 'string' ? place : await place(who.page);
    await who.page.goto(address);
    await who.page.mouse.move(0, 0);
    if (within) await who.page.locator(within).first().evaluate((node) => node.scrollIntoView());
    await who.page.evaluate(() => document.fonts.ready);
    await becomes('all pictures are there', () => who.page.evaluate(seen));
    await happens?.(who.page);
    await take(who.page, path.join(stage.screens, `${role}-${name}-${size}.webp`));
  }
  await who.leave();
}

/** Whether each picture that stands in the window has come. */
function seen() {
  const isAway = (image) => image.getBoundingClientRect().top < window.innerHeight && !(image.complete && image.naturalWidth);
  return ![...document.images].some(isAway);
}

/** As WebP, which keeps letters sharp in half of the bytes. */
async function take(page, file) {
  const browser = await page.context().newCDPSession(page);
  const { data } = await browser.send('Page.captureScreenshot', { format: 'webp', quality: 82 });
  const picture = Buffer.from(data, 'base64');
  await writeFile(file, picture);
  assert.ok(picture.length <= LARGEST, `${file} has ${picture.length} bytes`);
}

async function verify() {
  const [{ code }] = await certificatesOf(stage.people.learner);
  return `/verify/${code}`;
}

async function course(prefix) {
  const { courses } = await call('GET', '/api/v1/courses?language=en');
  return prefix + courses.find(({ title }) => /example/.test(title)).course;
}

/** Slowly enough to be taken: somebody enrols, and copies of it are on their way to the queues. */
async function eventsMove(page) {
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await page.getByRole('button', { name: 'Slow motion' }).click();
  await enrolled();
  // Where the screen is narrow: the exchange and the lines out of it.
  await page.locator('figure .wide').evaluate((region) => region.scrollTo(220, 0));
  const along = () => [...document.querySelectorAll('.dot[data-of=learning]')]
    .filter((dot) => new DOMMatrix(getComputedStyle(dot).transform).e > 380).length > 1;
  await page.waitForFunction(along);
}

/** An attempt with a few answers given. */
async function quiz(page) {
  await openQuiz(page);
  const questions = page.locator('main form fieldset:has(input[type=radio])');
  for (let at = 0; at < 3; at += 1) {
    await questions.nth(at).locator('input[type=radio]:not(:checked)').first().check();
  }
  await becomes('what was answered is saved', async () => /Saved/.test(await page.getByRole('main').innerText()));
  return page.url();
}

/** Of that attempt, what is answered and what is not. */
async function review(page) {
  await page.goto(await quiz(page));
  await page.getByRole('main').locator('button[value=review]').first().click();
  await page.waitForURL(/\/review/);
  return page.url();
}

/** Of the course that is completed: marks, and what each answer was worth. */
async function result(page) {
  await page.goto('/courses/les-files-de-messages-par-l-exemple');
  await page.getByRole('main').locator('a[href^="/quizzes/"]').first().click();
  return page.getByRole('main').locator('td a[href^="/attempts/"], th a[href^="/attempts/"]').first().getAttribute('href');
}

async function bank(page) {
  await page.goto(await course('/question-bank/'));
  return page.getByRole('main').locator('a[href^="/question-bank/"]').first().getAttribute('href');
}

/** Of the learner whose course is completed. */
function timeline(page) {
  return findPerson(page, stage.people.learner);
}
