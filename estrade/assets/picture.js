// The live picture of /operations/picture: asks what moved when the platform says that something did, and
// shows each event as a dot on its way: out of an outbox into the exchange; along a line into a queue, and on
// into the service. Who asked for less motion sees lines and queues that stand out instead.
(() => {
  "use strict";
  const figure = document.querySelector("[data-picture]");
  if (!figure) return;
  const svg = figure.querySelector("svg");
  const idle = figure.querySelector("[data-idle]");
  const list = document.querySelector("[data-moves]");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const elsewhere = figure.dataset.elsewhere.split(" ").filter(Boolean);
  const seen = { "": Number(figure.dataset.last) };
  const MOST_DOTS = 6, LINES = 20, STEPS = 24;
  // Milliseconds: a way; between dots; between events on a line; in a queue; what stands out; how long a line
  // may keep an event waiting; until nothing moves.
  const TRAVEL = 1300, APART = 130, BETWEEN = 500, REST = 350, STANDS_OUT = 1500, TOO_LATE = 6000, IDLE = 20000;
  let paused = false, slow = 1;
  const later = (wait, act) => setTimeout(act, wait * slow);

  const button = (name, act) => {
    const element = figure.querySelector(`[data-${name}]`);
    element.hidden = false;
    const press = (pressed) => element.setAttribute("aria-pressed", pressed);
    element.addEventListener("click", () => {
      const pressed = element.getAttribute("aria-pressed") !== "true";
      press(pressed);
      act(pressed);
    });
    return press;
  };
  const motions = () => svg.getAnimations({ subtree: true });
  button("pause", (pressed) => {
    paused = pressed;
    for (const motion of motions()) paused ? motion.pause() : motion.play();
    if (!paused) ask("");
  });
  button("slow", (pressed) => {
    slow = pressed ? 4 : 1;
    for (const motion of motions()) motion.playbackRate = 1 / slow;
  });
  if (document.fullscreenEnabled) {
    const press = button("present", (pressed) => pressed ? figure.requestFullscreen() : document.exitFullscreen());
    document.addEventListener("fullscreenchange", () => press(document.fullscreenElement === figure));
  }

  // The parts of the picture: services that say, services that hear, queues.
  const says = {}, hears = {}, queues = {};
  for (const part of svg.querySelectorAll(".says")) says[part.dataset.of] = part;
  for (const part of svg.querySelectorAll(".hears")) {
    hears[part.dataset.of] = part;
    for (const queue of part.querySelectorAll("g")) {
      queues[`${part.dataset.of}.${queue.querySelector("text").textContent}`] = queue;
    }
  }

  // `on`: something travels on its line; `lit`: something has arrived there.
  const fading = new WeakMap();
  const mark = (part, name) => {
    clearTimeout(fading.get(part));
    part.classList.add(name);
    fading.set(part, later(STANDS_OUT, () => part.classList.remove("on", "lit")));
  };

  const draw = (parent, name, attributes) => {
    const element = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return parent.appendChild(element);
  };
  const animate = (element, frames, timing) => {
    const motion = element.animate(frames, timing);
    motion.playbackRate = 1 / slow;
    if (paused) motion.pause();
    return motion;
  };
  // A label runs ahead of what is said, and follows what is taken once that is clear of the exchange.
  const label = (dot, { event, count, is_sent }, duration) => {
    const text = draw(dot, "text", is_sent ? { x: 6, y: -10 } : { x: -6, y: -10, "text-anchor": "end" });
    text.textContent = count > 1 ? `${event} × ${count}` : event;
    if (!is_sent) animate(text, { opacity: [0, 0, 1], offset: [0, .5, .8] }, { duration });
  };
  const send = (move, isNamed, points, duration, arrive) => {
    const dot = draw(svg, "g", { class: "dot", "data-of": move.from });
    draw(dot, "circle", { r: 6 });
    if (isNamed) label(dot, move, duration);
    const frames = points.map(([x, y]) => ({ transform: `translate(${x}px, ${y}px)` }));
    animate(dot, frames, { duration, easing: "ease-in-out" }).onfinish = () => { dot.remove(); arrive(); };
  };
  // Where a part stands; what is drawn in it is drawn from there.
  const placeOf = (part) => part.transform.baseVal[0].matrix;
  const alongLine = (part) => {
    const path = part.querySelector("path"), length = path.getTotalLength(), { e, f } = placeOf(part);
    return Array.from({ length: STEPS + 1 }, (_, step) => {
      const { x, y } = path.getPointAtLength(length * step / STEPS);
      return [e + x, f + y];
    });
  };
  // From a queue to its service's name, below the queues beside it.
  const onward = (queue, service) => {
    const { e, f } = placeOf(queue), { width, height } = queue.querySelector("use").getBBox();
    const name = service.querySelector("text").getBBox(), x = e + width, below = f + height / 2 + 2;
    return [[x, f], [x + 8, below], [Math.max(x + 8, name.x - 14), below], [name.x, name.y + name.height / 2]];
  };

  const arrive = (move, part) => {
    if (move.is_sent) { mark(svg.querySelector(".exchange"), "lit"); return; }
    const service = hears[move.service], end = () => mark(service, "lit");
    mark(part, "lit");
    if (still.matches) end();
    else later(REST, () => send(move, false, onward(part, service), TRAVEL / 2, end));
  };
  const setOut = (move, part, isFirst) => {
    if (!move.is_sent) part.dataset.of = move.from;
    mark(part, "on");
    if (still.matches) arrive(move, part);
    else send(move, isFirst, alongLine(part), TRAVEL, () => arrive(move, part));
  };
  // When a part's line is free for the next event.
  const free = new WeakMap();
  const travel = (move) => {
    const part = move.is_sent ? says[move.service] : queues[move.by];
    // Where nobody looks nothing would ever arrive.
    if (!part || document.hidden) return;
    const now = performance.now(), dots = still.matches ? 1 : Math.min(move.count, MOST_DOTS);
    const wait = Math.max(move.is_sent ? 0 : TRAVEL, ((free.get(part) ?? now) - now) / slow);
    if (wait > TOO_LATE) return;
    free.set(part, now + (wait + dots * APART + BETWEEN) * slow);
    for (let dot = 0; dot < dots; dot++) later(wait + dot * APART, () => setOut(move, part, dot === 0));
  };

  const tell = (move) => {
    const line = document.createElement("li"), at = document.createElement("span");
    at.className = "quiet";
    at.textContent = move.at;
    line.append(`${move.words} `, at);
    list.prepend(line);
    while (list.children.length > LINES) list.lastElementChild.remove();
    document.querySelector("[data-quiet]").hidden = true;
  };
  let hush;
  const stir = () => {
    idle.hidden = true;
    clearTimeout(hush);
    hush = setTimeout(() => { idle.hidden = false; }, IDLE);
  };
  if (idle.hidden) stir();

  const write = (service) => {
    const outbox = says[service.name];
    outbox.lastElementChild.textContent = service.to_send;
    outbox.classList.toggle("waits", service.sends);
    hears[service.name].querySelector("tspan").textContent = service.letters;
    for (const { name, waiting, waits, dead } of service.queues) {
      const queue = queues[`${service.name}.${name}`];
      queue.lastElementChild.textContent = waiting;
      queue.classList.toggle("waits", waits);
      queue.classList.toggle("dead", dead);
    }
    const { cells } = document.querySelector(`[data-row="${service.name}"]`);
    ["sent", "taken", "waiting", "outbox", "dead", "hears"].forEach((key, at) => {
      cells[at + 1].textContent = service[key];
    });
  };

  const asking = {};
  const ask = async (service) => {
    if (paused || asking[service]) return;
    asking[service] = true;
    const place = service ? `/operations/${service}/moves` : "/operations/picture/moves";
    const address = `${place}?after=${seen[service] ?? 0}`;
    // Who is away is asked again at the next change.
    const response = await fetch(address, { headers: { accept: "application/json" } }).catch(() => null);
    const answer = response?.ok ? await response.json().catch(() => null) : null;
    asking[service] = false;
    if (!answer) return;
    answer.services.forEach(write);
    // What moved before anybody looked is not shown now.
    const moves = seen[service] === undefined ? [] : answer.moves;
    seen[service] = answer.last;
    if (moves.length) stir();
    for (const move of moves) {
      travel(move);
      tell(move);
    }
  };

  const source = new EventSource("/operations/live");
  source.addEventListener("changed", () => ask(""));
  addEventListener("pagehide", () => source.close());
  // What moved in the last minute grows less by itself.
  setInterval(() => { if (!document.hidden) ask(""); }, 15000);
  if (elsewhere.length) setInterval(() => { if (!document.hidden) elsewhere.forEach(ask); }, 2000);
})();
