// What a browser can do beyond pages, and few pages ask for: see estrade.js, which asks for it.
import { all, announce, make, words } from "./estrade.js";

// data-push: push messages for this browser, on and off. Who turned them on is noted here: see estrade.js.
const OWNER = "estrade-push";
const call = async (method, address, body) => {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
};
const register = (subscription) => {
  const { endpoint, keys } = subscription.toJSON();
  return call("POST", "/api/v1/me/devices", { endpoint, p256dh: keys.p256dh, auth: keys.auth });
};
const forgetDevice = async (subscription) => {
  const { id } = await register(subscription);
  await call("DELETE", `/api/v1/me/devices/${id}`);
};

// Who leaves leaves a browser that shows nothing of theirs, and to which nothing is sent; nobody waits long for that.
const stopPush = async () => {
  navigator.clearAppBadge?.().catch(() => {});
  const worker = await navigator.serviceWorker.getRegistration();
  if (!worker) return;
  for (const shown of await worker.getNotifications()) shown.close();
  const subscription = await worker.pushManager.getSubscription();
  if (subscription) {
    await forgetDevice(subscription).catch(console.warn);
    await subscription.unsubscribe();
  }
  localStorage.removeItem(OWNER);
};
export const leave = () => Promise.race([stopPush(), new Promise((done) => { setTimeout(done, 3000); })]);

const push = async (section) => {
  if (!("PushManager" in window)) return;
  const { pushManager } = await navigator.serviceWorker.ready;
  const button = section.querySelector("button");
  const status = section.querySelector("[role=status]");
  // What the service does not list is off, whatever the browser still has: it was removed, is gone, or somebody else's.
  const listed = all("[data-endpoint]").map((it) => it.dataset.endpoint);
  const subscription = await pushManager.getSubscription();
  const isOn = listed.includes(subscription?.endpoint);
  const turnOn = async () => {
    // Before all that takes time: browsers let a page ask only for a moment after a click.
    const answer = await Notification.requestPermission();
    if (answer !== "granted") throw new DOMException(answer);
    const { key } = await call("GET", "/api/v1/push-key");
    await (await pushManager.getSubscription())?.unsubscribe();
    localStorage.setItem(OWNER, words.person);
    await register(await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
  };
  const turnOff = async () => {
    await forgetDevice(subscription);
    await subscription.unsubscribe();
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = "";
    try {
      await (isOn ? turnOff() : turnOn());
      location.replace(location.pathname);
    } catch (error) {
      console.warn(error);
      status.textContent = section.dataset[error instanceof DOMException ? "refused" : "failed"];
      button.disabled = false;
    }
  });
  button.textContent = isOn ? section.dataset.off : section.dataset.on;
  if (Notification.permission === "denied") status.textContent = section.dataset.refused;
  section.hidden = false;
};

// data-share="/address": the browser's own way to share; else it is copied, or stands there to be copied.
const share = (button) => {
  const url = new URL(button.dataset.share, location.href).href;
  const tick = button.appendChild(make("span", { ariaHidden: "true" }));
  const field = make("input", { readOnly: true, value: url, ariaLabel: button.textContent });
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (navigator.share) return navigator.share({ url, title: button.dataset.title }).catch(() => {});
    if (await navigator.clipboard?.writeText(url).then(() => true, () => false)) {
      tick.textContent = " ✓";
      return announce(words.copied);
    }
    button.after(field);
    field.select();
  });
};

export const improve = (element) => {
  if ("push" in element.dataset) push(element).catch(console.warn);
  else share(element);
};
