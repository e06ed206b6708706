// Every page, found by following links as each role does, beside those that no link leads to: accessible in
// both languages, light and dark, narrow and wide; valid HTML; titles that say their language; no heavier than
// promised; nothing behind it that a person would not see. A page that the code declares and nobody finds is a
// failure too.

import assert from 'node:assert/strict';
import { get } from 'node:http';
import { test } from 'node:test';
import { AXE, HtmlValidate, TAGS, signedIn, speak, stage, violations, visited, visitor } from './tools.mjs';

/** All rules narrow and wide; where only the scheme changes, those on colours. */
const COLOURS = ['color-contrast', 'link-in-text-block'];
const LOOKS = [
  { scheme: 'light', width: 320, rules: TAGS },
  { scheme: 'dark', width: 320, rules: COLOURS },
  { scheme: 'dark', width: 1280, rules: TAGS },
  { scheme: 'light', width: 1280, rules: COLOURS },
];
/** Of the second language, and of pages that are like one before. */
const FEWER = LOOKS.filter(({ rules }) => rules === TAGS);
/** Roles that walk at the same time. */
const AT_ONCE = 2;
/** From every side, on a slow machine. */
const LONGEST_LOOK = 120_000;
/** HTML, style and script of one page, as they are before compression; and all that it fetches, as it is sent. */
const HEAVIEST = 60 * 1024;

/** Of the demo's courses and of what is in them, by the language that they are in. */
const TITLES = {
  fr: [
    'Les files de messages par l’exemple', 'Du clic à la file', 'Des promesses, et qui les tient', 'Quand ça tourne mal',
    'Suivez le message\u00a0: quiz final', 'Un clic, sept services', 'Échangeurs, liaisons, files', 'Streams et relecture',
    'Animer une classe à distance', 'Avant la séance', 'Les dix premières minutes',
  ],
  en: [
    'Message queues by example', 'From a click to a queue', 'Promises, and who keeps them', 'When things go wrong',
    'Follow the message: final quiz', 'One click, seven services', 'Exchanges, bindings, queues',
    'Outbox, inbox, and doing it once', 'Retries and dead letters', 'Copies that agree, and the whole journey',
  ],
};

const html = new HtmlValidate({ extends: ['html-validate:standard'], rules: RULES() });

function RULES() {
  return {
    // Matters of taste, which templates settle otherwise.
    'no-trailing-whitespace': 'off',
    'attribute-boolean-style': 'off',
    'void-style': 'off',
    'long-title': 'off',
    // A button in a form submits it: that is what every one of ours does.
    'no-implicit-button-type': 'off',
  };
}

const ROLES = {
  nobody: {
    begin: ['/', '/register', '/sign-in', '/verify', '/search?q=queue', '/account/erased', '/offline', ...Object.keys(REFUSED())],
  },
  learner: { mail: stage.people.learner, begin: ['/', '/learning', '/search?q=queue', '/timeline'] },
  instructor: {
    mail: stage.people.instructor,
    begin: ['/', '/teaching', '/marking', '/roster', '/results', '/question-bank'],
  },
  administrator: { mail: stage.people.administrator, begin: ['/', '/people', '/teaching'] },
  operator: { mail: stage.people.operator, begin: ['/', '/operations'] },
};

/** Pages that say no, and how: links from mails that were cut, and an address where nothing is. */
function REFUSED() {
  return {
    '/nowhere-at-all': [404],
    '/invitation': [400, 404, 410, 422],
    '/new-password': [400, 404, 410, 422],
    '/notifications/unsubscribe/cut-in-two': [404],
  };
}

const found = new Map();
const walks = pooled(Object.entries(ROLES).map(([role, { mail, begin }]) => () => {
  const more = visited[role].filter((address) => !begin.includes(address));
  return walk(role, mail, [...begin, ...more]);
}));
for (const [at, role] of Object.keys(ROLES).entries()) {
  test(`every page of ${role} is for everybody`, { timeout: 900_000 }, async () => {
    const walked = await walks()[at];
    for (const pattern of walked.patterns) found.set(pattern, role);
    const wrong = [...walked.wrong].map(([finding, looks]) => `${finding} ${looks.join(', ')}`);
    assert.equal(wrong.length, 0, `${walked.count} pages\n${wrong.join('\n')}\n`);
  });
}

/** Begun when somebody first asks, so many at once. */
function pooled(jobs) {
  let promises;
  const begin = () => {
    const ends = [];
    promises = jobs.map((job, at) => {
      const before = at < AT_ONCE ? Promise.resolve() : Promise.any(ends.slice(at - AT_ONCE, at));
      const end = before.then(job);
      ends.push(end.catch(() => {}));
      end.catch(() => {});
      return end;
    });
    return promises;
  };
  return () => promises ?? begin();
}

test('every page that the code declares was seen', () => {
  const seen = [...found.keys()];
  const unseen = stage.patterns.filter((pattern) => !seen.includes(pattern));
  assert.deepEqual(unseen, [], 'lead a link there, or name an address of it in `ROLES`');
});

/** All pages in French, then those that no other role has looked at in English. */
async function walk(role, mail, begin) {
  const wrong = new Map();
  const patterns = new Set();
  const known = new Map();
  const enter = (language) => (mail ? signedIn(mail, { language }) : visitor({ language }));
  let addresses = begin;
  let count = 0;
  for (const language of ['fr', 'en']) {
    const who = await enter(language);
    if (mail) await speak(who.page, language);
    const pages = new Pages(who, role, language, wrong);
    const queue = [...addresses];
    const done = [];
    while (queue.length > 0) {
      const address = queue.shift();
      count += 1;
      const pattern = patternOf(address);
      const isOwn = own(pattern, role);
      const isLikeAnother = language !== 'fr' || !isOwn || patterns.has(pattern);
      const links = await soon(address, pages.look(address, isLikeAnother ? FEWER : LOOKS));
      if (isOwn) done.push(address);
      if (pattern) patterns.add(pattern);
      for (const link of language === 'fr' ? links : []) {
        if (isNew(link, known, begin, role)) queue.push(link);
      }
    }
    addresses = done;
    await who.leave().catch((error) => wrong.set(`${role}, ${language}: ${error.actual?.join('; ') ?? error}`, []));
  }
  return { wrong, patterns, count };
}

/** A page that is never done with names itself. */
async function soon(address, look) {
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${address} was not looked at within ${LONGEST_LOOK} ms`)), LONGEST_LOOK);
  });
  return Promise.race([look, late]).finally(() => clearTimeout(timer));
}

/** The role that came upon a page first looks at several of its kind; the others see how it is for them. */
const owners = new Map();

/** Some of each kind: what differs only in an id or a question mark is much the same page. */
function isNew(address, known, begin, role) {
  if (begin.includes(address)) return false;
  const { pathname, search, searchParams } = new URL(address, stage.address);
  const pattern = patternOf(address);
  // The switch of the language: each page is looked at in both anyway.
  if (!pattern || searchParams.has('lang')) return false;
  const owner = own(pattern, role);
  const most = search ? Number(owner) : Number(owner) + 1;
  const kind = search ? `${pattern}?` : pattern;
  const alike = known.get(kind) ?? new Set();
  if (alike.has(pathname + search) || alike.size >= most) return false;
  known.set(kind, alike.add(pathname + search));
  return true;
}

function own(pattern, role) {
  if (!owners.has(pattern)) owners.set(pattern, role);
  return owners.get(pattern) === role;
}

/** The declared route that an address belongs to; of several the one with most words of its own. */
export function patternOf(address) {
  const parts = new URL(address, stage.address).pathname.split('/');
  const fits = (pattern) => {
    const wanted = pattern.split('/');
    return wanted.length === parts.length
      && wanted.every((part, at) => (part.startsWith('{') ? parts[at] !== '' : part === parts[at]));
  };
  const holes = (pattern) => pattern.split('{').length;
  return stage.patterns.filter(fits).sort((a, b) => holes(a) - holes(b))[0];
}

/** Neither text in UTF-8, nor a picture, nor an archive that is whole; and nothing at all. */
const UNUSABLE = {
  'a broken file': Buffer.from('PK\x03\x04\xff\xfe', 'latin1'),
  'an empty file': Buffer.alloc(0),
};

/** The fields of a form as who chooses this file sends them, and has filled in what else is asked for. */
function filled(fields, content) {
  const value = ({ type, value, required, accept }) => {
    if (type !== 'file') return required && value === '' ? 'x' : value;
    const ending = accept.split(',')[0].split(/[./]/).pop();
    return { name: `unusable.${ending}`, mimeType: 'application/octet-stream', buffer: content };
  };
  return Object.fromEntries(fields.map((field) => [field.name, value(field)]));
}

/** The fields of a form as who fills in nothing sends them. */
function emptied(fields) {
  const isKept = (type) => ['hidden', 'radio', 'checkbox'].includes(type);
  return Object.fromEntries(fields.filter(({ type }) => !type.startsWith('select'))
    .map(({ name, type, value }) => [name, isKept(type) ? value : '']));
}

const isAsset = (address) => address.startsWith(`${stage.address}/assets/`);

/** What browsers keep for ever weighs what it did when they had it first: they were asked for it long ago. */
const sent = new Map();
function sizeSent(asset) {
  if (!sent.has(asset)) sent.set(asset, askSize(asset));
  return sent.get(asset);
}

function askSize(asset) {
  return new Promise((resolve, reject) => {
    const count = (answer) => {
      let size = 0;
      answer.on('data', (chunk) => { size += chunk.length; });
      answer.on('end', () => resolve(size));
      answer.on('error', reject);
    };
    get(asset, { headers: { 'accept-encoding': 'gzip' } }, count).on('error', reject);
  });
}

class Pages {
  constructor(who, role, language, wrong) {
    Object.assign(this, { ...who, role, language, wrong, weights: new Map(), scripts: [] });
    this.page.on('request', (request) => {
      if (request.resourceType() === 'script') this.scripts.push(request.url());
    });
  }

  /** Looks at one page from every side; gives the addresses that it leads to. */
  async look(address, looks) {
    this.scripts = [];
    const answer = await this.open(address).catch((error) => this.tell(address, error.message));
    if (!answer) return [];
    const expected = REFUSED()[address] ?? [200];
    if (!expected.includes(answer.status())) this.tell(address, `answers ${answer.status()}`);
    if (!(answer.headers()['content-type'] ?? '').startsWith('text/html')) return [];
    const source = await answer.text();
    await this.validate(address, source);
    await this.weigh(address, source);
    await this.weighFetched(address, source);
    await this.titles(address);
    await this.page.evaluate(AXE);
    for (const look of looks) await this.inspect(address, look);
    const links = await this.links();
    if (looks === LOOKS) await this.refusals(address);
    return links;
  }

  /** Where an examination is under way, once more when it is done: what it found is looked at too. */
  async open(address) {
    const answer = await this.page.goto(address);
    const examined = this.page.locator('#health[data-live]');
    if ((await examined.count()) === 0) return answer;
    await examined.waitFor({ state: 'detached' });
    return this.page.goto(address);
  }

  /** Each form that asks for something, given in with nothing, and each that takes files, with what nobody can use. */
  async refusals(address) {
    for (const { action, isUpload, asks, fields } of await this.forms()) {
      if (isUpload) {
        for (const [what, content] of Object.entries(UNUSABLE)) {
          const sent = { multipart: filled(fields, content) };
          await this.refusal(`${address}, given in with ${what}`, action, sent, content.length > 0);
        }
      } else if (asks) {
        await this.refusal(`${address}, given in with nothing`, action, { form: emptied(fields) });
      }
    }
  }

  forms() {
    return this.page.$$eval('main form[method=post]', (forms) => forms.map((form) => ({
      action: form.getAttribute('action'),
      isUpload: form.enctype === 'multipart/form-data',
      asks: form.querySelector('input[required]:not([type=radio], [type=checkbox]), textarea[required]') !== null,
      fields: [...form.querySelectorAll('input:not([type=radio], [type=checkbox]), input:checked, textarea, select')]
        .map(({ name, type, value, required, accept }) => ({ name, type, value, required, accept })),
    })));
  }

  /** What says no must be as good as the page, and say so beside a field; beside the file, if that is what is wrong. */
  async refusal(place, action, sent, isOfFile = false) {
    const answer = await this.page.request.post(action, { ...sent, maxRedirects: 0, headers: { accept: 'text/html' } });
    const source = await answer.text();
    if (answer.status() !== 422) {
      this.tell(place, `answers ${answer.status()}`);
      return;
    }
    await this.validate(place, source);
    await this.page.setContent(source, { waitUntil: 'load' });
    const said = await this.page.evaluate(() => {
      const fields = [...document.querySelectorAll('[aria-invalid=true]')];
      const summary = document.querySelector('[role=alert]')?.innerText ?? '';
      const beside = fields.flatMap((field) => (field.getAttribute('aria-describedby') ?? '').split(' '))
        .filter((id) => id.includes('-error')).map((id) => document.getElementById(id)?.innerText);
      return {
        fields: fields.map(({ type }) => type),
        isInBoth: beside.length > 0 && beside.every((words) => summary.includes(words)),
      };
    });
    if (said.fields.length === 0) this.tell(place, 'no field is marked as wrong');
    else if (!said.isInBoth) this.tell(place, 'an error is not said beside its field and in the summary');
    else if (isOfFile && !said.fields.includes('file')) this.tell(place, 'the file is not marked as wrong');
    await this.page.evaluate(AXE);
    for (const look of FEWER) await this.inspect(place, look);
  }

  links() {
    return this.page.$$eval('a[href]', (links) => links
      .filter((link) => link.origin === window.location.origin && !link.hasAttribute('download'))
      .map((link) => link.pathname + link.search));
  }

  /** What is wrong in several looks is one finding. */
  tell(address, what, look) {
    const finding = `${this.role}, ${this.language}: ${address}: ${what}`;
    const looks = this.wrong.get(finding) ?? [];
    this.wrong.set(finding, look ? [...looks, look] : looks);
  }

  async validate(address, source) {
    const report = await html.validateString(source);
    for (const { ruleId, message, line, selector } of report.results.flatMap((file) => file.messages)) {
      this.tell(address, `HTML: ${message} (${ruleId}, line ${line}, ${selector})`);
    }
  }

  /** Whoever has a page read to them must hear each title in its own language. */
  async titles(address) {
    const unsaid = await this.page.evaluate((titles) => {
      const languages = Object.entries(titles);
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const unsaid = [];
      while (texts.nextNode()) {
        const { data, parentElement } = texts.currentNode;
        // What is chosen from or written in, and what programs say, is not read as a text of the page.
        if (parentElement.closest('option, textarea, pre, code')) continue;
        const { lang } = parentElement.closest('[lang]');
        const others = languages.filter(([language]) => language !== lang);
        if (others.some(([, all]) => all.some((title) => data.includes(title)))) unsaid.push(data.trim());
      }
      return unsaid;
    }, TITLES);
    for (const text of unsaid) this.tell(address, `does not say which language it is in: ${text}`);
  }

  async weigh(address, source) {
    const parts = await this.page.$$eval('link[rel=stylesheet], script[src]', (nodes) => nodes
      .map((node) => node.href || node.src));
    let weight = Buffer.byteLength(source);
    for (const part of new Set(parts)) {
      if (!this.weights.has(part)) {
        const body = await (await fetch(part)).arrayBuffer();
        this.weights.set(part, body.byteLength);
      }
      weight += this.weights.get(part);
    }
    if (weight > HEAVIEST) this.tell(address, `weighs ${weight} bytes`);
  }

  /** The page and all that the browser fetched for it but pictures, also what scripts asked for: as it is sent. */
  async weighFetched(address, source) {
    const [page, ...others] = await this.page.evaluate(() => ['navigation', 'resource']
      .flatMap((type) => performance.getEntriesByType(type))
      .filter(({ initiatorType }) => initiatorType !== 'img')
      .map(({ name, encodedBodySize }) => ({ name, size: encodedBodySize })));
    // A page that is live may have been fetched anew: it counts once.
    const sizes = new Map(others.map(({ name, size }) => [name, size]));
    for (const script of this.scripts) sizes.set(script, 0);
    sizes.set(page.name, page.size || Buffer.byteLength(source));
    let weight = 0;
    for (const [name, size] of sizes) weight += isAsset(name) ? await sizeSent(name) : size;
    if (weight > HEAVIEST) this.tell(address, `is sent with all that it fetches as ${weight} bytes`);
  }

  async inspect(address, { scheme, width, rules }) {
    await this.page.setViewportSize({ width, height: 900 });
    await this.page.emulateMedia({ colorScheme: scheme });
    const found = await violations(this.page, rules);
    const overflow = await this.page.evaluate(() => {
      const page = document.documentElement;
      const beyond = [...document.querySelectorAll('body *')]
        .find((node) => node.getBoundingClientRect().right > page.clientWidth + 1
          && !node.closest('.wide, pre, [role=region]'));
      return page.scrollWidth > page.clientWidth
        ? `${page.scrollWidth} px wide: ${beyond?.outerHTML.slice(0, 120)}` : null;
    });
    const look = `${scheme} ${width} px`;
    for (const violation of found) this.tell(address, violation, look);
    if (overflow) this.tell(address, `scrolls sideways: ${overflow}`, look);
  }
}
