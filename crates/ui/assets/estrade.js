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
const SOME = {
  follow: "[data-live], [data-unread]",
  forms: "form[data-autosave], form[data-kept]",
  more: "[data-push], [data-share]",
};
export const enhance = (inside) => Object.entries(SOME).forEach(async ([module, selector]) => {
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
// What is pushed to somebody who did not sign out is not for who came after them.
const owner = words.person && localStorage.getItem("estrade-push");
if (owner && owner !== words.person) leave();
