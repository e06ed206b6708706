// What few pages need of what makes them better: see estrade.js, which asks for it.
import { announce, jitter, make, words } from "./estrade.js";

// data-autosave="/address" on a form: what is written is kept here until the service has it.
const store = {
  get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
  set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* full or forbidden */ } },
  remove: (key) => { try { localStorage.removeItem(key); } catch { /* forbidden */ } },
};

const fill = (form, data) => {
  const values = new URLSearchParams(data);
  for (const field of form.elements) {
    if (!field.name || ["hidden", "submit", "file", "password"].includes(field.type)) continue;
    const given = values.getAll(field.name);
    if (["checkbox", "radio"].includes(field.type)) field.checked = given.includes(field.value);
    else if (field.tagName !== "BUTTON" && given.length) field.value = given[0];
  }
};

const autosave = (form) => {
  const address = form.dataset.autosave;
  const key = `estrade:${words.person ?? ""}:${address}`;
  const state = form.querySelector("[data-autosave-state]")
    ?? form.appendChild(make("p", { className: "saving" }));
  state.role = "status";
  const text = (data) => {
    for (const [name, value] of [...data]) if (value instanceof File || name === "counter") data.delete(name);
    return new URLSearchParams(data).toString();
  };
  const read = () => text(new FormData(form));
  let saved = text(form.given), timer = 0, tries = 0, busy = false, over = false;
  // The form may bring words of its own.
  const say = (word) => {
    const text = state.dataset[word] ?? words[word];
    if (state.textContent !== text) state.textContent = text;
    state.dataset.state = word;
  };
  // Tells the service which of two is the newer, whichever arrives first.
  const count = () => {
    const counter = form.elements.namedItem("counter");
    if (counter) counter.value = Math.max(Number(counter.value) + 1, Date.now());
  };
  const isDirty = () => !over && read() !== saved;
  const later = (milliseconds) => { clearTimeout(timer); timer = setTimeout(send, milliseconds); };
  const failed = (word) => { say(word); tries += 1; later(jitter(Math.min(1000 * 2 ** tries, 30000))); };

  const send = async (keepalive = false) => {
    if (busy || !isDirty()) return;
    busy = true;
    const data = read();
    if (tries === 0) say("saving");
    count();
    const counter = form.elements.namedItem("counter");
    const body = counter ? `${data}&counter=${counter.value}` : data;
    try {
      const headers = { "Content-Type": "application/x-www-form-urlencoded", Accept: "text/plain" };
      const answer = await fetch(address,
        { method: "POST", headers, body, redirect: "manual", keepalive: keepalive === true });
      if (answer.ok) {
        saved = data;
        tries = 0;
        if (isDirty()) later(0);
        else { store.remove(key); say("saved"); }
      } else if (answer.type === "opaqueredirect" || answer.status === 401) {
        failed("ended");
      } else if (answer.status >= 500 || [408, 429].includes(answer.status)) {
        failed("offline");
      } else if ([400, 413, 422].includes(answer.status)) {
        say("refused");
      } else {
        over = true;
        store.remove(key);
        say(answer.status === 409 ? "conflict" : "refused");
      }
    } catch {
      failed("offline");
    } finally {
      busy = false;
    }
  };

  const written = () => {
    if (!isDirty()) return;
    store.set(key, JSON.stringify({ at: Date.now(), data: read() }));
    later(tries ? jitter(1000) : 600);
  };

  const kept = JSON.parse(store.get(key) ?? "null");
  if (kept && kept.data !== saved) {
    fill(form, kept.data);
    later(0);
  } else store.remove(key);

  written();
  form.addEventListener("input", written);
  form.addEventListener("change", written);
  addEventListener("online", () => { tries = 0; later(0); });
  addEventListener("pagehide", () => send(true));
  addEventListener("beforeunload", (event) => { if (isDirty()) event.preventDefault(); });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (!navigator.onLine) {
      event.preventDefault();
      written();
      say("offline");
      return;
    }
    over = true;
    count();
    clearTimeout(timer);
    store.remove(key);
  });
};

// data-push: push messages for this browser, on and off.
const call = async (method, address, body) => {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const answer = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
};

const push = async (section) => {
  if (!("PushManager" in window)) return;
  const worker = await navigator.serviceWorker.ready;
  const button = section.querySelector("button");
  const status = section.querySelector("[role=status]");
  const register = (subscription) => {
    const { endpoint, keys } = subscription.toJSON();
    const agent = navigator.userAgentData;
    const name = agent ? [agent.brands.at(-1)?.brand, agent.platform].filter(Boolean).join(", ") : "";
    return call("POST", "/api/v1/me/devices", { endpoint, p256dh: keys.p256dh, auth: keys.auth, name });
  };
  const turn = async () => {
    const subscription = await worker.pushManager.getSubscription();
    if (!subscription) {
      const { key } = await call("GET", "/api/v1/push-key");
      const options = { userVisibleOnly: true, applicationServerKey: key };
      return register(await worker.pushManager.subscribe(options));
    }
    const { id } = await register(subscription);
    await call("DELETE", `/api/v1/me/devices/${id}`);
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

// data-until="moment": what is left, and at its end the page as it is then.
const countdown = (element) => {
  const end = Date.parse(element.dataset.until);
  const text = element.dataset.left ?? "%";
  let told = Infinity;
  const tick = () => {
    if (!element.isConnected) return;
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    const pad = (number) => String(number).padStart(2, "0");
    const [hours, minutes] = [Math.floor(left / 3600), Math.floor(left / 60) % 60];
    const clock = `${hours ? `${hours}:${pad(minutes)}` : minutes}:${pad(left % 60)}`;
    element.textContent = text.replace("%", clock);
    element.classList.toggle("soon", left <= 60);
    const step = [60, 300].find((seconds) => left <= seconds) ?? Infinity;
    if (step < told && left) announce(element.textContent);
    told = Math.min(told, step);
    if (left) setTimeout(tick, 1000);
    else setTimeout(() => location.reload(), jitter(2000));
  };
  tick();
};

const share = (button) => {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const url = new URL(button.dataset.share, location.href).href;
    if (navigator.share) await navigator.share({ url, title: button.dataset.title }).catch(() => {});
    else await navigator.clipboard.writeText(url).then(() => announce(words.copied));
    if (!navigator.share) button.append(make("span", { textContent: " ✓", ariaHidden: "true" }));
  });
};

const shown = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" });

// On a person's clock: the day of the week shows whether the date is the one that was meant.
const preview = (field) => {
  const output = make("output", { className: "hint" });
  output.htmlFor.add(field.id);
  field.after(output);
  const show = () => {
    const moment = new Date(field.value);
    output.textContent = Number.isNaN(+moment) ? "" : shown.format(moment);
  };
  field.addEventListener("input", show);
  show();
};

export const improve = (element) => {
  const { dataset } = element;
  if (dataset.autosave) autosave(element);
  else if ("push" in dataset) push(element).catch(console.warn);
  else if (dataset.until) countdown(element);
  else if (dataset.share) share(element);
  else preview(element);
};
