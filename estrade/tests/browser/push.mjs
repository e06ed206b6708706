// A push service for a Chromium that has none, since it asks for no network but this machine's: subscriptions lead
// to a server here, which reads what was encrypted for the browser; from there it goes to the service worker.

import assert from 'node:assert/strict';
import {
  createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify,
} from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { becomes, stage } from './tools.mjs';

const LONGEST_SIGNED = 24 * 3600;

export class PushService {
  /** What it answers to whoever pushes. */
  answer = 201;

  #received = [];

  #keys = createECDH('prime256v1');

  #auth = randomBytes(16);

  /** For all pages that are opened in these windows from now on, which may show notifications. */
  static async of(context) {
    const service = new PushService();
    await service.#listen();
    await context.grantPermissions(['notifications'], { origin: stage.address });
    await context.addInitScript(standIn, {
      address: service.address,
      keys: { p256dh: service.#keys.generateKeys('base64url'), auth: service.#auth.toString('base64url') },
    });
    return service;
  }

  async #listen() {
    const server = createServer(async (request, answer) => {
      const body = Buffer.concat(await request.toArray());
      this.#received.push({ path: request.url, headers: request.headers, body });
      answer.writeHead(this.answer).end();
    });
    server.listen(0, '127.0.0.1').unref();
    await once(server, 'listening');
    this.address = `http://127.0.0.1:${server.address().port}`;
  }

  /** The next message, as the browser is to read it. */
  async receive() {
    const { path, headers, body } = await becomes('a message is pushed', async () => this.#received.shift());
    assert.equal(headers['content-encoding'], 'aes128gcm');
    assert.ok(Number(headers.ttl) > 0, 'a device that is away for a moment has it later');
    signedWith(path.split('/')[1], headers.authorization);
    return JSON.parse(this.#decrypted(body));
  }

  /** RFC 8291: one record of RFC 8188, for the keys of the browser. */
  #decrypted(body) {
    const [salt, sender] = [body.subarray(0, 16), body.subarray(21, 21 + body[20])];
    const sealed = body.subarray(21 + body[20]);
    const derive = (secret, from, info, size) => Buffer.from(hkdfSync('sha256', secret, from, info, size));
    const both = Buffer.concat([Buffer.from('WebPush: info\0'), this.#keys.getPublicKey(), sender]);
    const secret = derive(this.#keys.computeSecret(sender), this.#auth, both, 32);
    const key = derive(secret, salt, 'Content-Encoding: aes128gcm\0', 16);
    const nonce = derive(secret, salt, 'Content-Encoding: nonce\0', 12);
    const opened = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(sealed.subarray(-16));
    const padded = Buffer.concat([opened.update(sealed.subarray(0, -16)), opened.final()]);
    // The last record ends with a 2, and zeros after it.
    return padded.subarray(0, padded.lastIndexOf(2)).toString();
  }
}

/** RFC 8292: signed with the key that the browser subscribed with, for this push service, not for ever. */
function signedWith(key, authorization) {
  const [, token, sent] = authorization.match(/^vapid t=([^,]+), ?k=(.+)$/);
  assert.equal(sent, key);
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  const [head, claims, signature] = token.split('.');
  const by = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const isSigned = verify('sha256', Buffer.from(`${head}.${claims}`), { key: by, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'));
  assert.ok(isSigned, 'with that key');
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url'));
  assert.equal(new URL(aud).hostname, '127.0.0.1');
  assert.match(sub, /^mailto:/);
  const holds = exp - Date.now() / 1000;
  assert.ok(holds > 0 && holds < LONGEST_SIGNED, `it holds for ${holds} s`);
}

const KEPT = 'subscription';

/** In each page: what Chromium would ask a push service of Google for. The key stands in the address. */
function standIn({ address, keys }) {
  if (!('PushManager' in window)) return;
  const subscription = (endpoint) => endpoint && {
    endpoint,
    toJSON: () => ({ endpoint, expirationTime: null, keys }),
    unsubscribe: async () => {
      localStorage.removeItem('subscription');
      return true;
    },
  };
  const present = () => subscription(localStorage.getItem('subscription'));
  Object.assign(PushManager.prototype, {
    getSubscription: async () => present(),
    subscribe: async ({ userVisibleOnly, applicationServerKey }) => {
      if (!userVisibleOnly || Notification.permission !== 'granted') throw new DOMException('', 'NotAllowedError');
      localStorage.setItem('subscription', `${address}/${applicationServerKey}/${crypto.randomUUID()}`);
      return present();
    },
  });
}

/** The endpoint to which the browser is subscribed. */
export const subscription = (page) => page.evaluate((kept) => localStorage.getItem(kept), KEPT);

/** What the browser shows, as the service worker asked for it. */
export const shown = (page) => page.evaluate(async () => {
  const worker = await navigator.serviceWorker.ready;
  const all = await worker.getNotifications();
  return all.map(({ title, body, tag, lang, data: url }) => ({ title, body, url, tag, lang }));
});

/** Hands a message to the service worker, as the browser does with what its push service brings. */
export async function deliver(page, message) {
  const browser = await page.context().newCDPSession(page);
  const known = new Promise((resolve) => {
    browser.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const ours = registrations.find(({ scopeURL }) => scopeURL === `${stage.address}/`);
      if (ours) resolve(ours.registrationId);
    });
  });
  await browser.send('ServiceWorker.enable');
  const registrationId = await known;
  const worker = workerOf(page.context());
  // Chromium forgets what it is asked for while it begins to show it: nobody looks before it says that it does.
  await worker.evaluate(() => {
    const { registration } = self;
    self.isShown = new Promise((resolve, reject) => {
      registration.showNotification = (...given) => {
        delete registration.showNotification;
        const done = registration.showNotification(...given);
        done.then(resolve, reject);
        return done;
      };
    });
  });
  const data = JSON.stringify(message);
  await browser.send('ServiceWorker.deliverPushMessage', { origin: stage.address, registrationId, data });
  await worker.evaluate(() => self.isShown);
  await browser.detach();
}

const workerOf = (context) => context.serviceWorkers()[0];

/** A click on what is shown, and what the worker asks for: only a person's own click lets it open windows. */
export function click(context, title) {
  return workerOf(context).evaluate(async (title) => {
    const asked = {};
    self.clients.openWindow = async (address) => { asked.opens = address; };
    WindowClient.prototype.focus = async function focus() { asked.focuses = this.url; };
    const all = await self.registration.getNotifications();
    const event = new NotificationEvent('notificationclick', { notification: all.find((it) => it.title === title) });
    const done = new Promise((resolve) => { event.waitUntil = resolve; });
    self.dispatchEvent(event);
    await done;
    return asked;
  }, title);
}

/** The browser is given another address, and tells its worker so; some tell neither this one nor the one before. */
export async function renew(page, { isTold }) {
  const before = await subscription(page);
  const after = `${before}-again`;
  const { keys } = await page.evaluate(async () => (await (await navigator.serviceWorker.ready)
    .pushManager.getSubscription()).toJSON());
  await page.evaluate(([kept, endpoint]) => localStorage.setItem(kept, endpoint), [KEPT, after]);
  await workerOf(page.context()).evaluate(async ({ before, after, keys, isTold }) => {
    const fresh = { toJSON: () => ({ endpoint: after, keys }) };
    self.PushManager.prototype.subscribe = async ({ applicationServerKey }) => applicationServerKey && fresh;
    const event = new ExtendableEvent('pushsubscriptionchange');
    if (isTold) Object.assign(event, { oldSubscription: { endpoint: before }, newSubscription: fresh });
    const done = new Promise((resolve) => { event.waitUntil = resolve; });
    self.dispatchEvent(event);
    await done;
  }, { before, after, keys, isTold });
}
