// Turns push on and off for this browser. Without push, or without JavaScript, the section stays hidden.
"use strict";

(async () => {
  const section = document.getElementById("push");
  if (!section || !("serviceWorker" in navigator) || !("PushManager" in window)) return;
  const button = section.querySelector("button");
  const status = section.querySelector("[role=status]");
  const worker = await navigator.serviceWorker.register("/notifications/worker.js");

  const send = async (method, address, body) => {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer.status === 204 ? null : answer.json();
  };

  const register = (subscription) => {
    const { endpoint, keys } = subscription.toJSON();
    return send("POST", "/api/v1/me/devices", { endpoint, p256dh: keys.p256dh, auth: keys.auth });
  };

  const turnOn = async () => {
    const { key } = await send("GET", "/api/v1/push-key");
    const options = { userVisibleOnly: true, applicationServerKey: key };
    const subscription = await worker.pushManager.subscribe(options);
    await register(subscription);
  };

  const turnOff = async (subscription) => {
    const { id } = await register(subscription);
    await send("DELETE", `/api/v1/me/devices/${id}`);
    await subscription.unsubscribe();
  };

  const show = async () => {
    const subscription = await worker.pushManager.getSubscription();
    button.textContent = subscription ? section.dataset.off : section.dataset.on;
    return subscription;
  };

  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = "";
    try {
      const subscription = await worker.pushManager.getSubscription();
      await (subscription ? turnOff(subscription) : turnOn());
    } catch (error) {
      console.warn(error);
      status.textContent = section.dataset.refused;
    }
    await show();
    button.disabled = false;
  });

  await show();
  section.hidden = false;
})();
