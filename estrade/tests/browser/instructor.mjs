// An instructor's day: a course of their own from the first title to the first learner's mark.

import assert from 'node:assert/strict';
import { answerAll, submit } from './quiz.mjs';
import { appears, becomes, inEnglish, newLearner, signedIn, stage, test, visited } from './tools.mjs';

const TITLE = 'Standing on a platform';
/** Of 63 letters: no page grows wider than a phone for it. */
const LONG_WORD = 'Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz';
const GIFT = [
  `::Wood:: What is an estrade made of? { =wood ~water ~${LONG_WORD} }`,
  '::Words:: Say in your own words what it is for. {}',
  'This is not a question { =broken',
].join('\n\n');

test('a course is written, published, taken by a learner and marked', { timeout: 120_000 }, async () => {
  const who = await inEnglish(stage.people.instructor);
  const { page } = who;
  const course = await begin(page);
  await writeLesson(page, course);
  await writeQuiz(page, course);
  await publish(page, course);
  const learner = await taken(course);
  await mark(page);
  await becomes('the learner has the mark', async () => /Passed|Not passed/
    .test(await learner.page.getByRole('main').innerText()));
  await look(page, course);
  await illustrate(page, course);
  await change(page, course);
  await learner.leave();
  await who.leave();
});

async function begin(page) {
  await page.goto('/teaching');
  await page.getByRole('main').getByRole('link', { name: 'New course' }).first().click();
  return create(page, TITLE);
}

/** Fills in the form of a new course; gives the address of its outline in the editor. */
async function create(page, title) {
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.locator('select[name=language]').selectOption('en').catch(() => {});
  await page.getByRole('button', { name: 'Create the course' }).click();
  await page.waitForURL(/\/teaching\/[0-9a-f-]{36}/);
  return new URL(page.url()).pathname.split('/').slice(0, 3).join('/');
}

async function addSection(page, title) {
  await page.getByLabel('Title of the section').first().fill(title);
  await page.getByRole('button', { name: 'Add a section' }).click();
}

/** To the form of a new lesson in the first section. */
async function openLesson(page, title) {
  await page.getByRole('link', { name: /Add a lesson/ }).first().click();
  await page.getByLabel(/^Title/).first().fill(title);
}

async function createLesson(page) {
  await page.getByRole('button', { name: 'Create the lesson' }).click();
  await page.waitForURL((url) => !url.pathname.includes('/sections/'));
}

async function writeLesson(page, course) {
  await addSection(page, 'Boards');
  await openLesson(page, 'What it is made of');
  await page.getByLabel('Text', { exact: true }).fill('# Wood\n\nAn *estrade* is made of `wood`.\n\n| board | nails |\n|---|---|\n| 1 | 4 |');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByRole('main').locator('em', { hasText: 'estrade' }).waitFor();
  await createLesson(page);
  await page.goto(course);
  await page.getByRole('main').getByText('What it is made of').first().waitFor();
}

/** A draft arrives in the question bank with its first quiz, and a page that waits for it becomes the bank. */
async function writeQuiz(page, course) {
  await page.goto(`/question-bank/${course.split('/').pop()}`);
  await page.getByText(/has not arrived here yet/).waitFor();
  await placeQuiz(await page.context().newPage(), course);
  await page.bringToFront();
  await page.getByLabel('Key').waitFor();
  await page.getByLabel('Title', { exact: true }).fill('What do you know?');
  await page.getByLabel('Key').fill('final');
  await page.getByRole('button', { name: 'Create the quiz' }).click();
  await page.waitForURL(/question-bank\/[^/]+\/[^/]+$/);
  const bank = page.url();
  await page.goto(`${bank}/add`);
  await page.getByLabel('Or the text itself').fill(GIFT);
  await page.getByRole('button', { name: 'Add the questions' }).click();
  await page.getByRole('alert').getByText(/Line \d+/).first().waitFor();
  assert.equal(await page.getByLabel('Or the text itself').inputValue(), GIFT, 'what was typed stays to be mended');
  await page.goto(bank);
  const said = await page.getByRole('main').innerText();
  assert.match(said, /These were refused/);
  assert.match(said, /Line \d+/);
  await page.goto(`${bank}/try`);
  await answerAll(page);
  await page.getByRole('button', { name: 'Grade the trial' }).click();
  await page.getByText(/would wait for a teacher/).waitFor();
  visited.instructor.push(new URL(`${bank}/try`).pathname);
}

/** In a window of its own. */
async function placeQuiz(page, course) {
  await page.goto(`${course}/quizzes`);
  await page.getByLabel(/^Title/).first().fill('What do you know?');
  await page.getByLabel(/^Key/).first().fill('final');
  await page.getByRole('main').getByRole('button').last().click();
  await page.waitForURL(/done=added/);
  await page.close();
}

async function publish(page, course) {
  await page.goto(`${course}/publish`);
  assert.match(await page.getByRole('main').innerText(), /What publishing tells, and to whom/);
  for (const lesson of await page.getByRole('main').getByRole('checkbox').all()) await lesson.check();
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.waitForURL((url) => url.pathname === course);
  assert.match(await page.getByRole('main').innerText(), /Published/);
}

/** Somebody finds it in the catalogue, enrols and gives the quiz in. */
async function taken(course) {
  const learner = await signedIn(await newLearner('en', 'Gwŷn ap Rhŷs'));
  const { page } = learner;
  const id = course.split('/').pop();
  await page.goto('/courses');
  await page.getByRole('link', { name: TITLE }).first().click();
  await page.getByRole('main').getByRole('button', { name: 'Enrol' }).first().click();
  await appears(page, '/learning', page.getByRole('main').getByText(TITLE));
  await becomes('the quiz can be started', async () => {
    await page.goto(`/courses/${id}`);
    await page.getByRole('main').locator('a[href^="/quizzes/"]').first().click();
    return page.getByRole('button', { name: 'Start the quiz' }).isVisible();
  });
  await page.getByRole('button', { name: 'Start the quiz' }).click();
  await page.waitForURL(/\/attempts\//);
  await answerAll(page);
  await submit(page);
  await page.getByText('A teacher has to mark part of this attempt').first().waitFor();
  return learner;
}

async function mark(page) {
  const row = page.getByRole('main').getByRole('row').filter({ hasText: 'What do you know' });
  await appears(page, '/marking', row);
  await row.getByRole('link').first().click();
  await page.getByLabel(/^Mark out of/).first().fill('0.5');
  await page.getByLabel(/What you have to say/).first().fill('Well said.');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/marking/'));
  await correct(page);
}

/** It was mistyped: another takes its place, and why stays with the attempt. */
async function correct(page) {
  await page.getByRole('main').getByRole('link', { name: /^Correct this mark/ }).first().click();
  await page.waitForURL(({ pathname }) => pathname.split('/').length === 4);
  visited.instructor.push(new URL(page.url()).pathname);
  await page.getByLabel(/^Mark out of/).fill('1');
  await page.getByLabel('Why it changes').fill('I mistyped it.');
  await page.getByRole('button', { name: 'Correct the mark' }).click();
  await page.waitForURL(/\/attempts\//);
  const said = await page.getByRole('main').innerText();
  assert.match(said, /The mark is corrected/);
  assert.match(said, /from 0\.5 to 1/);
}

/** Roster, results, a message: what is known of the one learner. */
async function look(page, course) {
  const id = course.split('/').pop();
  await appears(page, `/roster/${id}`, page.getByRole('main').getByText('Gwŷn ap Rhŷs'));
  await appears(page, `/results/${id}`, page.getByRole('main').getByText('What do you know?'));
  await page.goto(`/roster/${id}/message`);
  await page.getByLabel('Subject').fill('Well done');
  await page.getByLabel('Text').fill('You **all** did well.');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByRole('main').locator('strong', { hasText: 'all' }).waitFor();
  await page.getByRole('button', { name: 'Send now' }).click();
  await page.getByText('Sent to 1 person').waitFor();
}

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** A picture is sent, and can be deleted. */
async function illustrate(page, course) {
  await page.goto(`${course}/images`);
  await page.getByRole('main').locator('input[type=file]')
    .setInputFiles({ name: 'board.png', mimeType: 'image/png', buffer: Buffer.from(PIXEL, 'base64') });
  await page.getByLabel('Description').fill('A board');
  await page.getByRole('main').locator('form:has(input[type=file]) button').last().click();
  const deleting = page.getByRole('main').locator('a[href$="/delete"]').first();
  await deleting.waitFor();
  visited.instructor.push(new URL(page.url()).pathname, await deleting.getAttribute('href'));
}

/** What learners see stays until the draft is published; the draft can be thrown away. */
async function change(page, course) {
  await page.goto(course);
  await page.getByRole('main').getByRole('link', { name: 'What it is made of' }).first().click();
  const lesson = new URL(page.url()).pathname;
  await page.getByLabel('Text', { exact: true }).fill('It is made of stone.');
  await page.getByRole('button', { name: 'Save as draft' }).click();
  await page.waitForURL(/done=draft/);
  await page.goto(`/courses/${course.split('/').pop()}`);
  await page.getByRole('main').getByRole('link', { name: 'What it is made of' }).first().click();
  assert.doesNotMatch(await page.getByRole('main').innerText(), /stone/);
  visited.instructor.push(lesson, `${lesson}/discard`);
}

test('a course is imported from files, after a look at what would change', async () => {
  const who = await inEnglish(stage.people.instructor);
  const { page } = who;
  await page.goto('/teaching/import');
  const file = (name, text) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
  await page.getByLabel('Files').setInputFiles([
    file('course.toml', 'key = "boards"\nlanguage = "en"\ntitle = "Boards"\n\n[[section]]\nkey = "one"\ntitle = "One"\nlessons = ["one.md"]\n'),
    file('one.md', '---\ntitle: The first board\nminutes: 5\n---\n\nIt is made of wood.\n'),
  ]);
  await page.getByRole('button', { name: 'Read the files' }).click();
  await page.waitForURL(/\/teaching\/import\/.+/);
  assert.match(await page.getByRole('main').innerText(), /1 lesson added/);
  visited.instructor.push(new URL(page.url()).pathname);
  await who.leave();
});

/** A lesson of a new course in the editor: the course's address, and the lesson's. */
async function draft(page, title) {
  await page.goto('/teaching/new');
  const course = await create(page, title);
  await addSection(page, 'Boards');
  await openLesson(page, 'Planks');
  await page.getByLabel('Text', { exact: true }).fill('They are long.');
  await createLesson(page);
  return { course, lesson: new URL(page.url()).pathname };
}

const text = (page) => page.locator('#text');

test('a lesson is saved while it is written, and no text is lost', { timeout: 90_000 }, async () => {
  const who = await inEnglish(stage.people.instructor);
  const { context, page } = who;
  const { lesson } = await draft(page, 'Kept while it is written');
  await text(page).fill('They are long and thin.');
  await page.getByText('Saved', { exact: true }).waitFor();
  await page.reload();
  assert.equal(await text(page).inputValue(), 'They are long and thin.');

  await context.setOffline(true);
  await text(page).fill('Written without a connection.');
  await page.getByText(/No connection/).waitFor();
  await context.setOffline(false);
  await page.getByText('Saved', { exact: true }).waitFor();

  // The session ends while somebody writes: nothing is sent away, and all of it is there after signing in.
  const cookies = await context.cookies();
  await context.clearCookies();
  await text(page).fill('Written after the session.');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText(/You are signed out/).waitFor();
  assert.equal(new URL(page.url()).pathname, lesson);
  await page.goto('/courses');
  await context.addCookies(cookies);
  await page.goto(lesson);
  assert.equal(await text(page).inputValue(), 'Written after the session.');
  await page.getByText('Saved', { exact: true }).waitFor();
  await both(context, page, lesson);
  await who.leave();
});

/** Two windows, as two people have them: the slower one sees both texts, and decides. */
async function both(context, page, lesson) {
  const other = await context.newPage();
  await other.goto(lesson);
  const saved = page.waitForResponse(/\/draft$/);
  await text(page).fill('The faster text.');
  assert.equal((await saved).status(), 204);
  await text(other).fill('The slower text.');
  await other.getByText(/Somebody else saved this/).waitFor();
  await other.getByRole('button', { name: 'Save', exact: true }).click();
  await other.getByText('What is saved now', { exact: true }).waitFor();
  assert.equal(await other.locator('#theirs').inputValue(), 'The faster text.');
  assert.equal(await text(other).inputValue(), 'The slower text.');
  await other.getByRole('button', { name: 'Save', exact: true }).click();
  await other.waitForURL(/done=saved/);
  assert.equal(await text(other).inputValue(), 'The slower text.');
  await other.close();
}

test('a new lesson outlives the end of a session', async () => {
  const who = await inEnglish(stage.people.instructor);
  const { context, page } = who;
  const { course } = await draft(page, 'Kept on the device');
  await page.goto(course);
  await openLesson(page, 'Nails');
  const address = page.url();
  await text(page).fill('They are of iron.');
  const cookies = await context.cookies();
  await context.clearCookies();
  await page.getByRole('button', { name: 'Create the lesson' }).click();
  await page.getByText(/nothing was sent/).waitFor();
  await page.goto('/courses');
  await context.addCookies(cookies);
  await page.goto(address);
  await page.getByText(/did not send/).waitFor();
  assert.equal(await text(page).inputValue(), 'They are of iron.');
  await page.getByRole('button', { name: 'Create the lesson' }).click();
  await page.waitForURL(/done=added/);
  await page.goto(address);
  assert.equal(await text(page).inputValue(), '', 'what became a lesson does not come back');
  await who.leave();
});

test('a row that is moved keeps the focus', async () => {
  const who = await inEnglish(stage.people.instructor);
  const { page } = who;
  const { course, lesson } = await draft(page, 'Put in order');
  await page.goto(course);
  await addSection(page, 'Nails');
  await page.getByRole('button', { name: /^Move down/ }).first().click();
  await page.waitForURL(/done=moved/);
  const row = `lesson-${lesson.split('/').pop()}`;
  await becomes('the row has the focus', () => page.evaluate(() => document.activeElement.id)
    .then((id) => id === row));
  await who.leave();
});

test('a draft that was a mistake is deleted', async () => {
  const who = await inEnglish(stage.people.instructor);
  const { page } = who;
  const { course } = await draft(page, 'A mistake');
  await page.goto(course);
  await page.getByRole('main').getByRole('link', { name: 'Delete the course' }).click();
  await page.getByRole('button', { name: 'Delete the course' }).click();
  await page.waitForURL(/\/teaching\?done=deleted/);
  assert.equal(await page.getByRole('main').getByText('A mistake').count(), 0);
  const { course: kept } = await draft(page, 'Perhaps a mistake');
  visited.instructor.push(`${kept}/delete`);
  await who.leave();
});
