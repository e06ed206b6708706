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

// Only pages of this platform are opened; one that shows it already comes to the front.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address = new URL(event.notification.data || "/inbox", self.location.origin);
  if (address.origin !== self.location.origin) return;
  const open = self.clients.matchAll({ type: "window" }).then((pages) => {
    const page = pages.find((page) => page.url === address.href);
    return page ? page.focus() : self.clients.openWindow(address.href);
  });
  event.waitUntil(open);
});

// The push service gives a browser another address now and then.
self.addEventListener("pushsubscriptionchange", (event) => {
  const renew = async () => {
    const key = event.oldSubscription?.options.applicationServerKey;
    if (!key && !event.newSubscription) return;
    const options = { userVisibleOnly: true, applicationServerKey: key };
    const subscription = event.newSubscription ?? await self.registration.pushManager.subscribe(options);
    const { endpoint, keys } = subscription.toJSON();
    const replaces = event.oldSubscription?.endpoint;
    const body = JSON.stringify({ endpoint, p256dh: keys.p256dh, auth: keys.auth, replaces });
    await fetch("/api/v1/me/devices", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  };
  event.waitUntil(renew());
});
