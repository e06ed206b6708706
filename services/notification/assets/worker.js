// Shows what is pushed, and opens it. A message with the same tag takes the place of the first.
"use strict";

self.addEventListener("push", (event) => {
  const message = event.data ? event.data.json() : {};
  const options = { body: message.body, tag: message.tag, lang: message.lang, data: message.url };
  event.waitUntil(self.registration.showNotification(message.title || "Estrade", options));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  if (event.notification.data) {
    event.waitUntil(self.clients.openWindow(event.notification.data));
  }
});
