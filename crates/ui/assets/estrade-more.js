// What few pages need of what makes them better: see estrade.js, which asks for it.
import { announce, jitter, make, words } from "./estrade.js";

// data-autosave="/address" on a form: what is written is kept here until the service has it. data-kept on one:
// it is kept here alone, until somebody who is still signed in sends the form.
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

// Fields that say how new a form is, and nothing of what is written in it.
const MARKS = ["counter", "seen", "late"];

const autosave = (form) => {
  const { autosave: address, unsaved } = form.dataset;
  const page = form.getAttribute("action");
  const key = `estrade:${words.person ?? ""}:${address ?? page}`;
  const [counter, seen] = MARKS.map((name) => form.elements.namedItem(name));
  const state = form.querySelector("[data-autosave-state]")
    ?? form.appendChild(make("p", { className: "saving" }));
  state.role = "status";
  const text = (data) => {
    for (const [name, value] of [...data]) if (value instanceof File || MARKS.includes(name)) data.delete(name);
    return new URLSearchParams(data).toString();
  };
  const read = () => text(new FormData(form));
  let saved = unsaved ? null : text(form.given);
  // What was sent and not answered: nobody knows whether the service has it.
  let unsure = null;
  // Nothing is sent but by somebody who looked: there is no place for it, or another text stands there.
  let waits = !address || unsaved === "wait", isBehind = unsaved === "wait";
  let timer = 0, tries = 0, current = null, over = false, leaves = false, asks = false;
  // The form may bring words of its own.
  const say = (word, text = state.dataset[word] ?? words[word]) => {
    if (state.textContent !== text) state.textContent = text;
    state.dataset.state = word;
  };
  // Tells the service which of two is the newer, whichever arrives first.
  const count = () => {
    if (counter) counter.value = Math.max(Number(counter.value) + 1, Date.now());
  };
  const isDirty = () => !over && !leaves && (unsure !== null || read() !== saved);
  const later = (milliseconds) => {
    clearTimeout(timer);
    if (!waits) timer = setTimeout(send, milliseconds);
  };
  const failed = (word) => { say(word); tries += 1; later(jitter(Math.min(1000 * 2 ** tries, 30000))); };
  const keep = () => {
    const kept = { at: Date.now(), data: read(), seen: isBehind ? "" : seen?.value, unsure };
    store.set(key, JSON.stringify(kept));
  };
  const isSignedOut = (answer) => answer.type === "opaqueredirect" || answer.status === 401;
  const isAway = (answer) => answer.status >= 500 || [408, 429].includes(answer.status);

  const post = (data, keepalive) => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded", Accept: "text/plain" };
    const body = new URLSearchParams(data);
    for (const mark of [counter, seen]) if (mark) body.append(mark.name, mark.value);
    return fetch(address, { method: "POST", headers, body: body.toString(), redirect: "manual", keepalive });
  };

  const took = (data, answer) => {
    saved = data;
    tries = 0;
    if (seen) seen.value = answer.headers.get("estrade-seen") ?? seen.value;
    if (isDirty()) { keep(); later(0); return; }
    store.remove(key);
    say("saved");
  };

  // Gives what became of it: taken; kept here, to be tried again; or refused, as the page will say when the form is sent.
  const transmit = async (keepalive) => {
    // What may be there already goes again as it was: what came after it is no other's.
    const data = unsure ?? read();
    if (tries === 0) say("saving");
    count();
    unsure = data;
    keep();
    const answer = await post(data, keepalive).catch(() => null);
    if (!answer || isAway(answer)) { failed("offline"); return "kept"; }
    unsure = null;
    if (answer.ok) { took(data, answer); return "taken"; }
    if (isSignedOut(answer)) { failed("ended"); return "kept"; }
    if (answer.status === 422) {
      say("refused", (await answer.json().catch(() => ({}))).detail);
      return "refused";
    }
    if (answer.status === 409 && seen) {
      waits = isBehind = true;
      keep();
      say("conflict");
      return "refused";
    }
    if (seen || [400, 413].includes(answer.status)) { say("refused"); return "kept"; }
    over = true;
    store.remove(key);
    say(answer.status === 409 ? "conflict" : "refused");
    return "refused";
  };
  const send = (keepalive) => {
    if (!isDirty()) return current ?? Promise.resolve("taken");
    current ??= transmit(keepalive === true).finally(() => { current = null; });
    return current;
  };

  // Where nothing is sent beforehand: whether the form would find somebody who is signed in.
  const knock = async () => {
    const options = { headers: { Accept: "text/plain" }, redirect: "manual", cache: "no-store" };
    const answer = await fetch(page, options).catch(() => null);
    if (answer?.ok) return "taken";
    if (!answer || isAway(answer)) say("offline", state.dataset.waitingOffline);
    else if (isSignedOut(answer)) say("ended", state.dataset.waitingEnded);
    else say("refused");
    return "kept";
  };

  // All of what is written, also what came while the one before was on its way.
  const bring = async () => {
    if (waits) return knock();
    await current;
    for (let turns = 0; turns < 2; turns += 1) {
      const became = await send();
      if (became !== "taken" || !isDirty()) return became;
    }
    return "taken";
  };

  const written = () => {
    if (!isDirty()) return;
    keep();
    later(tries ? jitter(1000) : 600);
  };

  const restore = (kept) => {
    fill(form, kept.data);
    if (seen && kept.seen !== seen.value && kept.unsure !== saved) {
      seen.value = kept.seen;
      waits = isBehind = true;
      say("conflict");
    } else if (waits) say("restored");
    else later(0);
  };

  const kept = JSON.parse(store.get(key) ?? "null");
  if (kept && !unsaved && kept.data !== saved) restore(kept);
  else if (!unsaved) store.remove(key);

  written();
  form.addEventListener("input", written);
  form.addEventListener("change", written);
  addEventListener("online", () => { tries = 0; later(0); });
  addEventListener("pagehide", () => { if (!waits) send(true); });
  addEventListener("pageshow", (event) => { if (event.persisted) leaves = false; });
  addEventListener("beforeunload", (event) => { if (isDirty()) event.preventDefault(); });
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    if (!leaves && (isDirty() || !navigator.onLine)) {
      const { submitter } = event;
      event.preventDefault();
      if (asks) return;
      asks = true;
      written();
      const became = navigator.onLine ? await bring() : "kept";
      asks = false;
      if (!navigator.onLine) say("offline", waits ? state.dataset.waitingOffline : undefined);
      if (became === "kept") return;
      leaves = true;
      form.requestSubmit(submitter);
      return;
    }
    leaves = true;
    count();
    clearTimeout(timer);
    if (!address || read() === saved) store.remove(key);
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
  if (dataset.autosave || "kept" in dataset) autosave(element);
  else if ("push" in dataset) push(element).catch(console.warn);
  else if (dataset.until) countdown(element);
  else if (dataset.share) share(element);
  else preview(element);
};
