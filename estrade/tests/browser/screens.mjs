// Pictures of each person's main pages, narrow and wide: for the README, and for whoever changes the look.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { becomes, call, enrolled, signedIn, speak, stage, test, tokenOf, visitor } from './tools.mjs';

const WIDTHS = { narrow: { width: 320, height: 640 }, wide: { width: 1280, height: 800 } };
const LARGEST = 100 * 1024;
const LESSON = '/courses/message-queues-by-example/lessons/02-exchanges-and-queues';

const PICTURES = {
  nobody: [
    ['catalogue', '/courses'],
    ['course', '/courses/message-queues-by-example'],
    ['verify', async () => `/verify/${(await certificate()).code}`],
  ],
  learner: [
    ['learning', '/learning'],
    ['lesson', LESSON],
    ['quiz', quiz],
    ['certificates', '/certificates'],
    ['inbox', '/inbox'],
  ],
  instructor: [
    ['editor', () => course('/teaching/')],
    ['roster', () => course('/roster/')],
    ['results', () => course('/results/')],
  ],
  administrator: [
    ['people', '/people'],
    ['designs', '/designs'],
  ],
  operator: [
    ['operations', '/operations'],
    ['picture', '/operations/picture', 'main figure', eventsMove],
  ],
};

for (const [role, pictures] of Object.entries(PICTURES)) {
  test(`pictures of what ${role} sees`, { timeout: 120_000 }, async () => {
    await mkdir(stage.screens, { recursive: true });
    const mail = stage.people[role];
    for (const [size, viewport] of Object.entries(WIDTHS)) {
      const options = { viewport, width: viewport.width, language: 'en' };
      const who = await (mail ? signedIn(mail, options) : visitor(options));
      if (mail) await speak(who.page, 'en');
      for (const [name, place, within, happens] of pictures) {
        const address = typeof place === 'string' ? place : await place(who.page);
        await who.page.goto(address);
        await who.page.mouse.move(0, 0);
        if (within) await who.page.locator(within).first().evaluate((node) => node.scrollIntoView());
        await who.page.evaluate(() => document.fonts.ready);
        await happens?.(who.page);
        await take(who.page, path.join(stage.screens, `${role}-${name}-${size}.webp`));
      }
      await who.leave();
    }
  });
}

/** As WebP, which keeps letters sharp in half of the bytes. */
async function take(page, file) {
  const browser = await page.context().newCDPSession(page);
  const { data } = await browser.send('Page.captureScreenshot', { format: 'webp', quality: 82 });
  const picture = Buffer.from(data, 'base64');
  await writeFile(file, picture);
  assert.ok(picture.length <= LARGEST, `${file} has ${picture.length} bytes`);
}

async function certificate() {
  const held = await call('GET', '/api/v1/certificates', undefined, await tokenOf(stage.people.learner));
  return (held.items ?? held)[0];
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
  await page.goto('/courses/message-queues-by-example');
  await page.getByRole('main').locator('a[href^="/quizzes/"]').first().click();
  const start = page.getByRole('main').getByRole('button').first();
  await start.click();
  await page.waitForURL(/\/attempts\//);
  const questions = page.locator('main form fieldset:has(input[type=radio])');
  for (let at = 0; at < 3; at += 1) {
    await questions.nth(at).locator('input[type=radio]:not(:checked)').first().check();
  }
  await becomes('what was answered is saved', async () => /Saved/.test(await page.getByRole('main').innerText()));
  return page.url();
}
