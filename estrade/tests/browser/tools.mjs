// What every script here shares: the stage that the Rust test has set, one Chromium, visitors who notice
// whatever goes wrong behind a page, and waiting for the thing itself.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, test as run } from 'node:test';

/** Addresses, accounts and folders: see `Stage` in `estrade/tests/it/browser/stage.rs`. */
export const stage = JSON.parse(process.env.ESTRADE_STAGE);
const require = createRequire(`${stage.modules}/`);
export const { HtmlValidate } = require('html-validate');
export const AXE = require('axe-core').source;
/** WCAG 2.2 AA. */
export const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe, which the page must have, finds against these rules. */
export function violations(page, rules = TAGS) {
  return page.evaluate(async (runOnly) => {
    const found = await window.axe.run(document, { runOnly, resultTypes: ['violations'], preload: false });
    return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => {
      const why = (node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? '';
      return `${id}: ${node.html.split('\n')[0].slice(0, 100)} (${node.target}): ${why}`;
    }));
  }, rules);
}
const { chromium } = require('playwright-core');

// Whoever started this is gone.
process.stdin.on('end', () => process.exit(3)).resume();
process.stdin.unref?.();

/** Addresses to which no link leads, as each role's day came upon them: their pages are looked at too. */
export const visited = { nobody: [], learner: [], instructor: [], administrator: [], operator: [] };

/** Longer than anything takes on a busy machine. */
export const PATIENCE = 20_000;

/** Chromium as it works where there is no network but this machine's. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let launched;
function browser() {
  launched ??= chromium.launch({ executablePath: stage.chromium, args: FLAGS });
  return launched;
}
after(async () => (await launched)?.close());

const present = new Set();

/** A test whose failure tells what everybody had before them. */
export function test(name, options, script = options) {
  run(name, script === options ? { timeout: 2 * PATIENCE } : options, async () => {
    try {
      await script();
    } catch (error) {
      for (const { page } of present) {
        const seen = await page.locator('main').innerText({ timeout: 1_000 }).catch(() => '');
        console.error(`${name}: at ${page.url()}:\n${seen.slice(0, 800)}\n`);
      }
      throw error;
    } finally {
      await Promise.all([...present].map(({ context }) => context.close()));
      present.clear();
    }
  });
}

/**
 * Somebody with a browser window of their own. `complaints` gathers what a person would not see: errors in
 * the console, refusals by the Content-Security-Policy, requests to another host, answers of 5xx.
 */
export async function visitor({ language = 'en', scheme = 'light', width = 1280, ...rest } = {}) {
  const context = await (await browser()).newContext({
    baseURL: stage.address,
    locale: language === 'fr' ? 'fr-FR' : 'en-GB',
    colorScheme: scheme,
    reducedMotion: 'reduce',
    viewport: { width, height: width < 500 ? 700 : 900 },
    ...rest,
  });
  context.setDefaultTimeout(PATIENCE);
  const complaints = [];
  context.on('page', (page) => listen(page, complaints));
  const page = await context.newPage();
  const who = { context, page };
  who.leave = async () => {
    await context.close();
    present.delete(who);
    assert.deepEqual(complaints, [], 'what a person would not see');
  };
  present.add(who);
  return who;
}

function listen(page, complaints) {
  const tell = (what) => complaints.push(`${new URL(page.url() || 'about:blank').pathname}: ${what}`);
  // A question before something is done, or that something is not saved: yes, go on.
  page.on('dialog', (dialog) => dialog.accept());
  page.on('pageerror', (error) => tell(error.message));
  page.on('console', (message) => {
    // A form that is refused is an answer like any other; Chromium notes its status all the same.
    const isRefusal = /status of 4(00|01|03|04|09|10|13|22|29) /.test(message.text());
    const isLost = /ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_NETWORK/.test(message.text());
    if (message.type() === 'error' && !isRefusal && !isLost) tell(message.text());
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== stage.address) tell(`asked ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) tell(`${response.status()} from ${response.url()}`);
  });
}

/** Signs in without the page for it, which has a test of its own. */
export async function signIn(context, mail) {
  const form = { mail, password: stage.password, next: '/learning' };
  const answer = await context.request.post('/sign-in', { form, maxRedirects: 0 });
  assert.equal(answer.status(), 303, `${mail} cannot sign in: ${await answer.text()}`);
}

/** A visitor who is signed in. */
export async function signedIn(mail, options) {
  const who = await visitor(options);
  await signIn(who.context, mail);
  return who;
}

/** A visitor who is signed in and reads English, whatever was theirs. */
export async function inEnglish(mail, options) {
  const who = await signedIn(mail, options);
  await speak(who.page, 'en');
  return who;
}

/** What the page for it asks for. */
export async function fillSignIn(page, mail, password = stage.password) {
  await page.getByLabel('Mail address').fill(mail);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
}

/** Changes a person's language as they do it themselves, and reads the new session. */
export async function speak(page, language) {
  await page.goto('/account');
  await page.locator('select[name=language]').selectOption(language);
  await page.locator('form:has(select[name=language]) button').last().click();
  await page.waitForURL(/saved/);
  assert.equal(await page.locator('html').getAttribute('lang'), language);
}

let people = 0;
/** A new learner's account, made as programs do it. */
export async function newLearner(language = 'en', name = 'Siân Llŷr') {
  people += 1;
  const mail = `someone-${process.pid}-${people}@example.org`;
  const zone = language === 'fr' ? 'Europe/Paris' : 'Europe/London';
  await call('POST', '/api/v1/people', {
    name, mail, password: stage.password, language, time_zone: zone,
  });
  return mail;
}

/** One request to the API, which must succeed. */
export async function call(method, path, body, token) {
  const headers = { 'content-type': 'application/json' };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(stage.address + path, {
    method, headers, body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

export async function tokenOf(mail) {
  return (await call('POST', '/api/v1/tokens', { mail, password: stage.password })).token;
}

/** A learner, a new one unless somebody is named, has just taken a seat. */
export async function enrolled(mail) {
  const token = await tokenOf(mail ?? await newLearner());
  const { courses: [{ course }] } = await call('GET', '/api/v1/courses');
  await becomes('the learner is enrolled', async () => call('POST', '/api/v1/enrolments', { course }, token));
}

export async function certificatesOf(mail) {
  return call('GET', '/api/v1/certificates', undefined, await tokenOf(mail));
}

/** An operator finds what happened to a person by their address; gives the page's own. */
export async function findPerson(page, mail) {
  const main = page.getByRole('main');
  await page.goto('/operations/people');
  await main.getByRole('searchbox').fill(mail);
  await page.keyboard.press('Enter');
  await main.locator('a[href^="/operations/people/"]').first().click();
  await page.waitForURL(/\/operations\/people\/[0-9a-f-]{36}/);
  return new URL(page.url()).pathname;
}

/** The file that a link leads to. */
export async function downloaded(page, link) {
  const arrives = page.waitForEvent('download');
  await link.click();
  return readFile(await (await arrives).path());
}

/** Whether an image is a picture that can be seen. */
export function isPicture(image) {
  return image.evaluate((it) => it.decode().then(() => it.naturalWidth > 0));
}

/** Asks again until it is so: what another service has to hear of is on its way for a moment. */
export async function becomes(what, question, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await question().catch((error) => ({ error }));
    if (answer && !answer.error) return answer;
    if (Date.now() > end) {
      throw new Error(`it never came to this: ${what}`, { cause: answer?.error });
    }
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

/** Opens the page again until it shows what it should. */
export async function appears(page, address, locator) {
  await becomes(`${address} shows ${locator}`, async () => {
    await page.goto(address);
    return (await locator.count()) > 0;
  });
}
