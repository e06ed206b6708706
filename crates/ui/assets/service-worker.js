// Shows what is pushed, opens it, and stands in where there is no connection. Caches nothing of a person.
"use strict";

const KEPT = "estrade {style}";
const OFFLINE = "/offline";

self.addEventListener("install", (event) => {
  self.skipWaiting();
  const kept = caches.open(KEPT).then((cache) => cache.addAll([OFFLINE, "{style}", "{icon}"]));
  event.waitUntil(kept);
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name.startsWith("estrade ") && name !== KEPT));
  event.waitUntil(old.then((names) => Promise.all(names.map((name) => caches.delete(name)))));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (new URL(request.url).pathname === "{style}") {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});

// A message with the same tag takes the place of the first.
self.addEventListener("push", (event) => {
  let message = {};
  try {
    message = event.data?.json() ?? {};
  } catch { /* not ours: something must be shown all the same */ }
  const options = { body: message.body, tag: message.tag, lang: message.lang, data: message.url, icon: "{icon}" };
  event.waitUntil(self.registration.showNotification(message.title || "Estrade", options));
});

// Only pages of this platform are opened; one that shows it already comes to the front, also if it is older than this worker.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { origin } = self.location;
  const asked = new URL(event.notification.data || "/inbox", origin);
  const address = asked.origin === origin ? asked.href : `${origin}/inbox`;
  const open = self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((pages) => {
    const page = pages.find((page) => page.url === address);
    return page ? page.focus() : self.clients.openWindow(address);
  });
  event.waitUntil(open);
});

// The push service gives a browser another address now and then; not every browser says which it was, or is.
self.addEventListener("pushsubscriptionchange", (event) => {
  const subscribe = async () => {
    const { key } = await (await fetch("/api/v1/push-key")).json();
    return self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  };
  const renew = async () => {
    const { endpoint, keys } = (event.newSubscription ?? await subscribe()).toJSON();
    const replaces = event.oldSubscription?.endpoint;
    const body = JSON.stringify({ endpoint, p256dh: keys.p256dh, auth: keys.auth, replaces });
    await fetch("/api/v1/me/devices", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  };
  event.waitUntil(renew());
});
