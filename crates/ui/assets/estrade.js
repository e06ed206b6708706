// What makes complete pages better: live parts, answers saved as they are given, push, small things.
// Each is asked for by a data attribute; the words come with the page. Nothing here is needed.
export const words = document.body.dataset;
export const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
export const jitter = (milliseconds) => milliseconds * (0.75 + Math.random() / 2);

export const make = (name, properties) => Object.assign(document.createElement(name), properties);
export const parsed = (text) => { try { return JSON.parse(text); } catch { return null; } };

// Said to those who do not see it.
const announcer = make("p", { className: "sr", role: "status" });
document.body.append(announcer);
export const announce = (text) => {
  announcer.textContent = "";
  setTimeout(() => { announcer.textContent = text; }, 100);
};

// Streams are open while the page is looked at: browsers allow few connections to one host.
const follow = (address, seen, changed) => {
  let source = null, timer = 0, tries = 0, isOver = false;
  const open = () => {
    clearTimeout(timer);
    if (source || isOver || document.hidden) return;
    source = new EventSource(seen ? `${address}?seen=${seen}` : address);
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
const lives = () => all("[data-live]").map((element) => {
  const [address, seen] = element.dataset.live.split("?seen=");
  return { element, address, seen };
});
const keyOf = (element) => element.id || element.dataset.live.split("?")[0];

const replace = (old, fresh) => {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const isChoice = /checkbox|radio|submit|button/.test(focused?.type);
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
    const fresh = new Map(all("[data-live]", page).map((it) => [keyOf(it), it]));
    let said = "";
    for (const { element: old } of lives()) {
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
  const wanted = new Map(lives().map(({ address, seen }) => [address, seen]));
  for (const [address, stop] of followed) if (!wanted.has(address)) { stop(); followed.delete(address); }
  for (const [address, seen] of wanted) {
    if (!followed.has(address)) followed.set(address, follow(address, seen, refresh));
  }
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
    navigator.setAppBadge?.(count).catch(() => {});
  };
  const ask = async () => {
    const answer = await fetch(badge.dataset.unread, { headers: { Accept: "text/plain" } }).catch(() => null);
    const count = answer?.ok && !answer.redirected ? Number(await answer.text()) : NaN;
    if (count >= 0) show(count);
  };
  follow(badge.dataset.unreadLive, "", ask);
};

const PREFIX = "estrade:";
// What others left on a shared machine, and what is too old to be meant.
const forget = (isMeant) => {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX) && isMeant(key)) localStorage.removeItem(key);
    }
  } catch { /* forbidden */ }
};
const isOld = (key) => !(parsed(localStorage.getItem(key))?.at > Date.now() - 7 * 86400000);

// What few pages need comes in modules of their own. What stood in a form is read now, before anybody writes.
const SOME = { forms: "form[data-autosave], form[data-kept]", more: "[data-push], [data-share]" };
const enhance = (inside) => Object.entries(SOME).forEach(async ([module, selector]) => {
  const found = all(selector, inside).filter((it) => !it.improved);
  for (const it of found) {
    it.improved = true;
    if (it.tagName === "FORM") it.given = new FormData(it);
  }
  if (!found.length) return;
  const { improve } = await import(words[module]);
  found.forEach(improve);
});

// Who signs out leaves nothing here, and is sent nothing more here.
const leave = () => import(words.more).then((it) => it.leave()).catch(console.warn);
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action") !== "/sign-out") return;
  forget(() => true);
  event.preventDefault();
  leave().finally(() => event.target.submit());
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
// What was kept of an attempt that is closed: data-closed has the address to which it was to be sent.
for (const it of all("[data-closed]")) forget((key) => key.endsWith(it.dataset.closed));
if (words.person) navigator.serviceWorker?.register("/service-worker.js").catch(console.warn);
enhance(document);
follows();
unread();
// What is pushed to somebody who did not sign out is not for who came after them.
const owner = words.person && localStorage.getItem("estrade-push");
if (owner && owner !== words.person) leave();
