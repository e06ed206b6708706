// What makes complete pages better: live parts, answers saved as they are given, push, small things.
// Each is asked for by a data attribute; the words come with the page. Nothing here is needed.
const words = document.body.dataset;
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const jitter = (milliseconds) => milliseconds * (0.75 + Math.random() / 2);
const when = (moment) => new Intl.DateTimeFormat(document.documentElement.lang, moment);

const make = (name, properties) => Object.assign(document.createElement(name), properties);

// Said to those who do not see it.
const announcer = make("p", { className: "sr", role: "status" });
document.body.append(announcer);
const announce = (text) => {
  announcer.textContent = "";
  setTimeout(() => { announcer.textContent = text; }, 100);
};

// Streams are open while the page is looked at: browsers allow few connections to one host.
const follow = (address, changed) => {
  let source = null, timer = 0, tries = 0, seen = "", isOver = false;
  const open = () => {
    clearTimeout(timer);
    if (source || isOver || document.hidden) return;
    const mark = address.includes("?") ? "&" : "?";
    source = new EventSource(seen ? `${address}${mark}seen=${seen}` : address);
    source.addEventListener("changed", (event) => {
      tries = 0;
      seen = event.lastEventId;
      changed();
    });
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      source = null;
      tries += 1;
      timer = setTimeout(() => { changed(); open(); }, jitter(Math.min(15000 * 2 ** tries, 300000)));
    });
  };
  const close = () => { source?.close(); source = null; clearTimeout(timer); };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
  return () => { isOver = true; close(); };
};

// data-live="/address": the element is taken from the page as it is now whenever the stream says so.
const lives = () => all("[data-live]");
const keyOf = (element) => element.id || element.dataset.live;

const replace = (old, fresh) => {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const isChoice = ["checkbox", "radio"].includes(focused?.type) || focused?.tagName === "BUTTON";
  const same = (it) => it.tagName === focused.tagName && (focused.id ? it.id === focused.id
    : focused.name ? it.name === focused.name && (!isChoice || it.value === focused.value)
    : focused.href ? it.href === focused.href : it.textContent === focused.textContent);
  const opened = new Set(all("details[open]", old).map((it) => it.id || it.firstElementChild?.textContent));
  const before = old.textContent;
  old.replaceChildren(...fresh.childNodes);
  for (const name of ["class", "data-live", "data-live-said", "aria-busy"]) {
    if (fresh.hasAttribute(name)) old.setAttribute(name, fresh.getAttribute(name));
    else old.removeAttribute(name);
  }
  for (const it of all("details", old)) {
    if (opened.has(it.id || it.firstElementChild?.textContent)) it.open = true;
  }
  if (focused) {
    const again = all(focused.tagName, old).find(same);
    if (again && "value" in focused && again.type !== "hidden") again.value = focused.value;
    if (again) again.focus({ preventScroll: true });
    else { old.tabIndex = -1; old.focus({ preventScroll: true }); }
  }
  enhance(old);
  return before !== old.textContent;
};

let fetching = false, again = false;
const refresh = async () => {
  if (fetching) { again = true; return; }
  fetching = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = new Map(all("[data-live], [data-live-end]", page).map((it) => [keyOf(it), it]));
    let said = "";
    for (const old of lives()) {
      const found = fresh.get(keyOf(old)) ?? (old.id && page.getElementById(old.id));
      if (found && replace(old, found)) said = found.dataset.liveSaid ?? words.updated;
    }
    if (said) announce(said);
    document.title = page.title;
    follows();
  } catch { /* away: the stream comes back, and with it the page */ } finally {
    fetching = false;
    if (again) { again = false; refresh(); }
  }
};

const followed = new Map();
const follows = () => {
  const wanted = new Set(lives().map((it) => it.dataset.live));
  for (const [address, stop] of followed) if (!wanted.has(address)) { stop(); followed.delete(address); }
  for (const address of wanted) if (!followed.has(address)) followed.set(address, follow(address, refresh));
};

// How many messages are unread.
const unread = () => {
  const badge = document.querySelector("[data-unread]");
  if (!badge) return;
  const show = (count) => {
    badge.hidden = count === 0;
    const number = make("span", { textContent: count > 99 ? "99+" : count, ariaHidden: "true" });
    const said = make("span", { className: "sr", textContent: badge.dataset.words.replace("%", count) });
    badge.replaceChildren(number, said);
    if (count) navigator.setAppBadge?.(count).catch(() => {});
    else navigator.clearAppBadge?.().catch(() => {});
  };
  const ask = async () => {
    const answer = await fetch(badge.dataset.unread, { headers: { Accept: "text/plain" } }).catch(() => null);
    const count = answer?.ok && !answer.redirected ? Number.parseInt(await answer.text(), 10) : NaN;
    if (count >= 0) show(count);
  };
  follow(badge.dataset.unreadLive, ask);
};

// data-autosave="/address" on a form: what is written is kept here until the service has it.
const PREFIX = "estrade:";
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
  const key = `${PREFIX}${words.person ?? ""}:${address}`;
  const state = form.querySelector("[data-autosave-state]")
    ?? form.appendChild(make("p", { className: "saving" }));
  state.role = "status";
  const read = () => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File || name === "counter") data.delete(name);
    return new URLSearchParams(data).toString();
  };
  let saved = read(), timer = 0, tries = 0, busy = false, over = false;
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

// What others left on a shared machine, and what is too old to be meant.
const forget = (isMeant) => {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX) && isMeant(key)) localStorage.removeItem(key);
    }
  } catch { /* forbidden */ }
};
const isOld = (key) => !(JSON.parse(store.get(key))?.at > Date.now() - 7 * 86400000);

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

// On a person's clock: the day of the week shows whether the date is the one that was meant.
const preview = (field) => {
  const output = make("output", { className: "hint" });
  output.htmlFor.add(field.id);
  field.after(output);
  const show = () => {
    const moment = new Date(field.value);
    output.textContent = Number.isNaN(+moment) ? "" : when({ dateStyle: "full", timeStyle: "short" }).format(moment);
  };
  field.addEventListener("input", show);
  show();
};

const enhance = (inside) => {
  const once = (selector, improve) => all(selector, inside).forEach((it) => {
    if (!it.improved) { it.improved = true; improve(it); }
  });
  once("form[data-autosave]", autosave);
  once("[data-push]", (it) => push(it).catch(console.warn));
  once("[data-until]", countdown);
  once("[data-share]", share);
  once("input[type=datetime-local]", preview);
};

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !confirm(question)) { event.preventDefault(); event.stopImmediatePropagation(); }
  else if (event.target.getAttribute("action") === "/sign-out") forget(() => true);
}, true);

// data-keys: the arrow keys leaf, where nobody writes.
document.addEventListener("keydown", (event) => {
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const isBusy = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented
    || event.target.closest?.("input, textarea, select, summary, audio, video, [tabindex='0'], [contenteditable]");
  if (rel && !isBusy) document.querySelector(`[data-keys] a[rel=${rel}]`)?.click();
});

// A menu that was opened is closed by choosing from it, also where the page is shown again from memory.
addEventListener("pageshow", () => document.getElementById("menu")?.hidePopover?.());

document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

forget(isOld);
if (words.person) navigator.serviceWorker?.register("/service-worker.js").catch(console.warn);
enhance(document);
follows();
unread();
