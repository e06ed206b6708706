// Everybody's work with nothing but a keyboard: what is wanted is reached by Tab, shows that it has the focus, and is
// pressed, ticked or written in. Beforehand and afterwards, pages are opened by their addresses.

import assert from 'node:assert/strict';
import { COURSE, answerAll, enrol, openQuiz, submit } from './quiz.mjs';
import { appears, becomes, inEnglish, newLearner, signedIn, stage, test, visitor } from './tools.mjs';

const LESSON = `${COURSE}/lessons/01-why-queues`;

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

test('an instructor opens a course, edits a lesson, looks at it and publishes it, by keyboard', async () => {
  const { page, leave } = await inEnglish(stage.people.instructor);
  const main = page.getByRole('main');
  await page.goto('/teaching');
  await press(page, /^Animer une classe à distance/, /\/teaching\/[0-9a-f-]{36}$/);
  await press(page, /^Avant la séance/, /\/lessons\/[0-9a-f-]{36}$/);
  await tabTo(page, /^Text$/);
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('**Lu au clavier.** ');
  await page.getByText('Saved', { exact: true }).waitFor();
  await tabTo(page, /^Preview$/);
  await page.keyboard.press('Enter');
  await main.locator('article strong', { hasText: 'Lu au clavier' }).waitFor();
  await press(page, /^Save and publish/, /\/publish\?lesson=/);
  await press(page, /^Publish$/, /done=published/);
  await page.goto('/courses/animer-une-classe-a-distance');
  await press(page, /^Avant la séance/, /\/courses\/.+\/lessons\//);
  assert.match(await main.innerText(), /Lu au clavier/);
  await leave();
});

test('an instructor marks an essay by keyboard', async () => {
  const learner = await signedIn(await newLearner('en', 'Runa Vold'));
  await enrol(learner.page);
  await openQuiz(learner.page);
  await answerAll(learner.page);
  await submit(learner.page);
  await learner.leave();
  const { page, leave } = await inEnglish(stage.people.instructor);
  await appears(page, '/marking', page.getByRole('main').getByRole('link', { name: 'Runa Vold' }));
  await press(page, /^Runa Vold/, /\/marking\/[0-9a-f-]{36}$/);
  await tabTo(page, /^Mark out of/);
  await page.keyboard.type('0.5');
  await tabTo(page, /^What you have to say/);
  await page.keyboard.type('Well said.');
  await press(page, /^Save$/, /\/attempts\/.+done=marked/);
  assert.match(await page.getByRole('main').innerText(), /Well said\./);
  await leave();
});

test('an administrator invites somebody and makes somebody an instructor, by keyboard', async () => {
  const { page, leave } = await inEnglish(stage.people.administrator);
  const guest = `by-keyboard-${process.pid}@example.org`;
  await page.goto('/people');
  await press(page, /^Invite/, /\/invitations\/new/);
  await tabTo(page, /^Name/);
  await page.keyboard.type('Aro Lind');
  await tabTo(page, /^Mail address/);
  await page.keyboard.type(guest);
  await press(page, /^Invite$/, /done=sent/);
  await page.getByRole('main').getByText(guest).first().waitFor();
  const mail = await newLearner('en', 'Mira Tamm');
  await page.goto(`/people?q=${encodeURIComponent(mail)}`);
  await press(page, /^Mira Tamm/, /\/people\/[0-9a-f-]{36}$/);
  await tabTo(page, /^instructor/i);
  await page.keyboard.press('Space');
  await press(page, /^Save$/, /saved=/);
  assert.ok(await page.getByRole('checkbox', { name: /instructor/i }).isChecked());
  await leave();
});

test('an administrator revokes a certificate with a reason, by keyboard', async () => {
  const { page, leave } = await inEnglish(stage.people.administrator);
  const main = page.getByRole('main');
  await page.goto('/issued?state=issued');
  // The demo's learner keeps theirs, which others look at.
  const holder = await main.locator('tbody a').filter({ hasNotText: 'Léa Moreau' }).last().innerText();
  await press(page, new RegExp(`^${holder}`), /\/issued\/[0-9a-f-]{36}$/);
  await press(page, /^Revoke/, /\/revoke$/);
  await tabTo(page, /^Something that it said was wrong/);
  await page.keyboard.press('Space');
  await tabTo(page, /^Why/);
  await page.keyboard.type('Issued before the exam.');
  await press(page, /^Revoke$/, /\/issued\/[0-9a-f-]{36}$/);
  const said = await main.innerText();
  assert.match(said, /Revoked/);
  assert.match(said, /Issued before the exam\./);
  await leave();
});

/** Nobody can read it: it dies again, and is there for whoever comes next. */
test('an operator rehearses a dead letter and gives it once more, by keyboard', async () => {
  const { page, leave } = await inEnglish(stage.people.operator);
  const main = page.getByRole('main');
  await page.goto('/operations/dead');
  await press(page, /^Show the letters of certification\.copy-person/, /\/dead\/groups\//);
  await press(page, /^identity\.person-updated/, /\/dead\/letters\//);
  const letter = page.url();
  await press(page, /^Once more/, /\/dead\/replay/);
  await press(page, /^Try first what would happen/, /rehearse=1/);
  assert.match(await main.innerText(), /Nothing was changed\.[^]*Would fail again/);
  await press(page, /^Give them once more/, /replayed=1/);
  await main.getByText('One letter is tried again.').waitFor();
  await becomes('it is dead again', async () => {
    await page.goto(letter);
    return /Waits for a decision/.test(await main.innerText());
  });
  await leave();
});

/** Comes to a link or a button, and goes where it leads. */
async function press(page, name, address) {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
  await page.waitForURL(address);
}

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
