// Pages that change while they are looked at, and the number of unread messages: see estrade.js, which asks for it.
import { all, announce, enhance, jitter, make, words } from "./estrade.js";

// A browser has six connections to one host, for all windows on it. So streams are open while the page is looked at,
// and no more at once than there are places: locks, which windows share. Who finds none asks now and then.
const PLACES = ["estrade-1", "estrade-2", "estrade-3", "estrade-4"];
const take = (place) => new Promise((taken) => {
  const held = (lock) => (lock ? new Promise(taken) : taken());
  navigator.locks.request(place, { ifAvailable: true }, held).catch(() => taken(() => {}));
});
const anyOf = async (places) => {
  if (!navigator.locks) return () => {};
  for (const place of places) {
    const leave = await take(place);
    if (leave) return leave;
  }
  return null;
};
const follow = (address, seen, changed, places = PLACES) => {
  let source = null, leave = null, timer = 0, tries = 0, isOpening = false, isOver = false;
  const close = () => { source?.close(); leave?.(); source = leave = null; clearTimeout(timer); };
  const askLater = () => {
    close();
    if (!seen) changed();
    timer = setTimeout(() => { if (seen) changed(); open(); }, jitter(Math.min(15000 * 2 ** tries, 300000)));
  };
  const open = async () => {
    clearTimeout(timer);
    if (source || isOpening || isOver || document.hidden) return;
    isOpening = true;
    leave = await anyOf(places);
    isOpening = false;
    if (isOver || document.hidden) { close(); return; }
    if (!leave) { askLater(); return; }
    source = new EventSource(seen ? `${address}?seen=${seen}` : address);
    source.addEventListener("changed", (event) => {
      tries = 0;
      seen = event.lastEventId;
      changed();
    });
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      tries += 1;
      askLater();
    });
  };
  // Whoever is looked at no longer leaves its place first.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close();
    else timer = setTimeout(open, 300);
  });
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

// How many messages are unread: one window's stream is for all windows of a person.
const badges = all("[data-unread]");
const count = () => {
  const { unread: address, unreadLive, words: said } = badges[0].dataset;
  const name = `estrade-unread ${words.person}`;
  const windows = window.BroadcastChannel && new BroadcastChannel(name);
  const show = (number) => {
    for (const badge of badges) {
      badge.hidden = number === 0;
      const shown = make("span", { textContent: number > 99 ? "99+" : number, ariaHidden: "true" });
      badge.replaceChildren(shown, make("span", { className: "sr", textContent: said.replace("%", number) }));
    }
    navigator.setAppBadge?.(number).catch(() => {});
  };
  const ask = async () => {
    const answer = await fetch(address, { headers: { Accept: "text/plain" } }).catch(() => null);
    const number = answer?.ok && !answer.redirected ? Number(await answer.text()) : NaN;
    if (!(number >= 0)) return;
    show(number);
    windows?.postMessage(number);
  };
  windows?.addEventListener("message", (event) => show(event.data));
  follow(unreadLive, "", ask, [name]);
};
if (badges.length) count();

export const improve = follows;
