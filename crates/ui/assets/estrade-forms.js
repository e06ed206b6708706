// Forms that are kept while they are written: see estrade.js, which asks for it where there are such.
import { all, jitter, make, parsed, words } from "./estrade.js";

// data-autosave="/address" on a form: what is written is kept here until the service has it. Where a part of the form
// says what it was served with (a hidden seen-… in its fieldset), each part is sent by itself, if it changed.
// data-kept in its place: it is kept here alone, until somebody who is still signed in sends the form.
const store = {
  get: (key) => { try { return parsed(localStorage.getItem(key)); } catch { return null; } },
  set: (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ } },
  remove: (key) => { try { localStorage.removeItem(key); } catch { /* forbidden */ } },
};

// Hidden fields say what the rest was based on, and come back with it.
const fill = (inside, data) => {
  const values = new URLSearchParams(data);
  for (const field of inside.elements) {
    if (!field.name || ["submit", "button", "file", "password"].includes(field.type)) continue;
    const given = values.getAll(field.name);
    if (["checkbox", "radio"].includes(field.type)) field.checked = given.includes(field.value);
    else field.value = given[0] ?? (field.type === "hidden" ? field.value : "");
  }
};

// What is wrong stands beside its field, in the place of what was wrong before.
const FIELDS = "input:not([type=hidden]), textarea, select";
const explain = (box, field, detail) => {
  for (const it of all(".error", box)) it.remove();
  const note = make("p", { className: "error", id: `${field}-error`, textContent: detail });
  if (detail) (box.querySelector(".asked") ?? box.querySelector("label, legend"))?.after(note);
  box.classList.toggle("wrong", !!detail);
  for (const it of [box, ...all(FIELDS, box)]) {
    const hints = (it.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id.endsWith("-hint"));
    const ids = (detail ? [...hints, note.id] : hints).join(" ");
    if (ids) it.setAttribute("aria-describedby", ids); else it.removeAttribute("aria-describedby");
    if (it === box || it.type === "radio") continue;
    if (detail) it.setAttribute("aria-invalid", "true"); else it.removeAttribute("aria-invalid");
  }
  return note;
};
const focus = (box) => (box.querySelector("[aria-invalid]") ?? box.querySelector(FIELDS))?.focus();

// What is not answered by the service itself is to be tried again: `missed` says why.
const ask = async (address, options) => {
  const answer = await fetch(address, { redirect: "manual", ...options }).catch(() => ({ status: 503 }));
  const isEnded = answer.type === "opaqueredirect" || answer.status === 401;
  const isOffline = answer.status >= 500 || [408, 429].includes(answer.status);
  return { answer, missed: isEnded ? "ended" : isOffline ? "offline" : "" };
};

// Fields that say how new a form is, and nothing of what is written in it.
const MARKS = ["counter", "seen", "late"];

export const improve = (form) => {
  const { autosave: address, unsaved } = form.dataset;
  const action = form.getAttribute("action");
  const key = `estrade:${words.person ?? ""}:${address ?? action}`;
  const page = Math.random().toString(36).slice(2);
  const [counter, mark] = MARKS.map((name) => form.elements.namedItem(name));
  // Nothing is sent but by somebody who looked: there is no place for it, or another text stands there.
  let waits = !address || unsaved === "wait";
  const state = form.querySelector("[data-autosave-state]")
    ?? form.appendChild(make("p", { className: "saving" }));
  state.role = "status";
  let timer = 0, tries = 0, sending = null, over = false, passing = false, restored = false;

  const seens = all("input[name^='seen-']", form);
  const parts = seens.map((seen) => ({ name: seen.name, seen, inside: seen.closest("fieldset") }));
  if (!seens.length) parts.push({ name: "", inside: form });
  const read = (part, data) => {
    const names = new Set([...part.inside.elements].map((it) => it.name));
    const isOwn = ([name, value]) => names.has(name) && !MARKS.includes(name) && !name.startsWith("seen-")
      && !(value instanceof File);
    return new URLSearchParams([...data].filter(isOwn)).toString();
  };
  const look = () => {
    const data = new FormData(form);
    for (const part of parts) part.text = read(part, data);
  };
  // `base` is what the service has; `held` is what it does not take as it stands.
  for (const part of parts) {
    const isRefused = part.inside.matches(".wrong") || part.inside.querySelector(".wrong");
    if (!unsaved) part[isRefused ? "held" : "base"] = read(part, form.given);
    part.word = "refused";
    if (part.seen) part.seen.value += ` ${page}`;
  }
  const isDirty = (part) => part.isUnsure || part.text !== part.base;
  const isHeld = (part) => isDirty(part) && part.text === part.held;
  const isDue = (part) => isDirty(part) && part.text !== part.held;

  // Other windows keep what they have not sent under the same key.
  const keep = () => {
    const kept = store.get(key)?.parts ?? {};
    for (const part of parts) {
      const { name, text, base, seen } = part;
      if (isDirty(part)) kept[name] = { data: text, seen: (seen ?? mark)?.value, page };
      else if (kept[name]?.page === page || kept[name]?.data === base) delete kept[name];
    }
    if (Object.keys(kept).length) store.set(key, { at: Date.now(), parts: kept });
    else store.remove(key);
  };

  // The form may bring words of its own.
  const say = (word, text = state.dataset[word] ?? words[word]) => {
    if (state.firstChild?.textContent !== text) state.textContent = text;
    state.dataset.state = word;
  };
  const later = (milliseconds) => {
    clearTimeout(timer);
    if (!waits) timer = setTimeout(send, milliseconds);
  };
  const failed = (word) => {
    say(word);
    const href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
    if (word === "ended" && !state.children.length) state.append(" ", make("a", { href, textContent: words.signIn }));
    tries += 1;
    later(jitter(Math.min(1000 * 2 ** tries, 30000)));
  };

  const settle = (part, text) => {
    Object.assign(part, { base: text, held: undefined, isUnsure: false });
    if (part.seen) explain(part.inside);
  };
  const tell = () => {
    look();
    keep();
    if (parts.some(isDue)) { later(0); return; }
    restored &&= seens.length > 0;
    const held = parts.find(isHeld);
    say(held?.word ?? (restored ? "restored" : "saved"));
    if (!held) restored = false;
  };
  // Two answers to one question: either is chosen, or another written now that both were seen.
  const offer = (part, note, { seen, values }) => {
    const choice = (textContent, choose) => {
      const button = make("button", { type: "button", className: "second small", textContent });
      button.addEventListener("click", () => { choose(); focus(part.inside); });
      note.append(" ", button);
    };
    part.base = new URLSearchParams(values).toString();
    part.seen.value = `${seen} ${page}`;
    choice(state.dataset.mine, () => { part.held = undefined; send(); });
    choice(state.dataset.theirs, () => { fill(part.inside, values); look(); settle(part, part.text); tell(); });
  };
  const refuse = ({ field, detail, saved }) => {
    const at = document.getElementById(field);
    if (!form.contains(at)) return detail;
    const note = explain(at.tagName === "FIELDSET" ? at : at.parentElement, field, detail);
    if (saved) offer(parts.find(({ inside }) => inside === at), note, saved);
    return "";
  };

  const body = (sent) => {
    const more = new URLSearchParams();
    for (const { name, seen } of sent) if (seen) more.append(name, seen.value);
    if (seens.length) more.append("page", page);
    // Tells the service which of two is the newer, whichever arrives first.
    if (counter) {
      counter.value = Math.max(Number(counter.value) + 1, Date.now());
      more.append("counter", counter.value);
    }
    if (mark) more.append("seen", mark.value);
    return [...sent.map(({ text }) => text), more.toString()].filter(Boolean).join("&");
  };
  const post = async (keepalive) => {
    look();
    const due = parts.filter(isDue);
    const sent = new Map(due.map((part) => [part, part.text]));
    if (over || waits || !due.length) return;
    if (tries === 0) say("saving");
    const headers = { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" };
    const { answer, missed } = await ask(address, { method: "POST", headers, body: body(due), keepalive });
    if (missed) {
      // Nobody can tell whether it arrived.
      for (const part of due) part.isUnsure = true;
      keep();
      failed(missed);
      return;
    }
    tries = 0;
    if (mark && answer.ok) mark.value = answer.headers.get("estrade-seen") ?? mark.value;
    const problem = answer.ok ? { rest: "saved" } : await answer.json().catch(() => ({}));
    const errors = problem.errors ?? [];
    const word = answer.status === 409 ? "conflict" : "refused";
    for (const [part, text] of sent) {
      if (problem.rest && !errors.some(({ field }) => field === part.inside.id)) settle(part, text);
      else Object.assign(part, { held: text, isUnsure: false, word });
    }
    const unplaced = errors.map(refuse).find(Boolean);
    tell();
    if (problem.rest) return;
    over = ![400, 413, 422].includes(answer.status);
    if (unplaced || !errors.length) say(word, unplaced ?? state.dataset[word] ?? problem.detail);
  };
  const send = (keepalive) => {
    sending ??= post(keepalive === true).finally(() => { sending = null; });
    return sending;
  };
  // Where nothing is sent beforehand: whether the form would find somebody who is signed in.
  const knock = async () => {
    const { answer, missed } = await ask(action, { headers: { Accept: "text/plain" }, cache: "no-store" });
    if (answer.ok) return true;
    const waiting = { ended: state.dataset.waitingEnded, offline: state.dataset.waitingOffline };
    say(missed || "refused", waiting[missed]);
    return false;
  };
  const written = () => {
    look();
    for (const part of parts) if (part.held !== undefined && !isDirty(part)) settle(part, part.text);
    keep();
    if (parts.some(isDue)) later(tries ? jitter(1000) : 600);
  };

  look();
  const kept = store.get(key)?.parts ?? {};
  for (const part of parts) {
    const it = kept[part.name];
    if (!it || unsaved || it.data === part.text) continue;
    fill(part.inside, it.data);
    // Something else was saved meanwhile: both are shown to whoever sends the form.
    if (mark && it.seen !== mark.value) {
      mark.value = it.seen;
      waits = true;
    }
    if (part.seen) part.seen.value = `${it.seen} ${page}`;
    restored = true;
  }
  written();
  if (restored) { say(waits && address ? "conflict" : "restored"); later(0); }

  form.addEventListener("input", written);
  form.addEventListener("change", written);
  addEventListener("online", () => { tries = 0; later(0); });
  addEventListener("pagehide", () => send(true));
  addEventListener("beforeunload", (event) => {
    look();
    if (!passing && state.dataset.state !== "ended" && parts.some(isDirty)) event.preventDefault();
  });
  // The form goes once the service has all of it; until then the page stays, and what was written with it.
  form.addEventListener("submit", async (event) => {
    passing ||= over;
    if (event.defaultPrevented || passing) return;
    look();
    // What has to be sent no more goes as it is: a form is not sent again from within its own sending.
    if (!waits && !sending && !parts.some(isDirty)) return;
    event.preventDefault();
    clearTimeout(timer);
    if (waits) {
      passing = await knock();
      if (passing && !address) store.remove(key);
      if (passing) form.requestSubmit(event.submitter);
      return;
    }
    await sending;
    for (const part of parts) if (!part.inside.querySelector(".error button")) part.held = undefined;
    await send();
    look();
    if (passing) return;
    passing = over || !parts.some(isDirty);
    if (passing) form.requestSubmit(event.submitter);
    else if (parts.some(isHeld)) focus(parts.find(isHeld).inside);
  });
};
