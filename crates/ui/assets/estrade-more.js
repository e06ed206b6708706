// What a browser can do beyond pages, and few pages ask for: see estrade.js, which asks for it.
import { announce, make, words } from "./estrade.js";

// data-push: push messages for this browser, on and off.
const call = async (method, address, body) => {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
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

// Who signs out leaves a browser to which nothing is sent any more; nobody waits long for that.
const stopPush = async () => {
  const worker = await navigator.serviceWorker.getRegistration();
  const subscription = await worker?.pushManager.getSubscription();
  if (!subscription) return;
  await forgetDevice(subscription).catch(console.warn);
  await subscription.unsubscribe();
};
export const leave = () => Promise.race([stopPush(), new Promise((done) => { setTimeout(done, 3000); })]);

const push = async (section) => {
  if (!("PushManager" in window)) return;
  const worker = await navigator.serviceWorker.ready;
  const button = section.querySelector("button");
  const status = section.querySelector("[role=status]");
  const turn = async () => {
    const subscription = await worker.pushManager.getSubscription();
    if (!subscription) {
      const { key } = await call("GET", "/api/v1/push-key");
      const options = { userVisibleOnly: true, applicationServerKey: key };
      return register(await worker.pushManager.subscribe(options));
    }
    await forgetDevice(subscription);
    await subscription.unsubscribe();
  };
  const show = async () => {
    const isOn = await worker.pushManager.getSubscription();
    button.textContent = isOn ? section.dataset.off : section.dataset.on;
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = "";
    try {
      await turn();
      if (section.dataset.push === "reload") location.reload();
    } catch (error) {
      console.warn(error);
      status.textContent = section.dataset.refused;
    }
    await show();
    button.disabled = false;
  });
  await show();
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
