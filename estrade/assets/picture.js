// The live picture of /operations/picture: asks what moved when the platform says that something did, and
// shows each event as a dot on its way. Who asked for less motion sees arrows that stand out instead.
(() => {
  "use strict";
  const figure = document.querySelector("[data-picture]");
  if (!figure) return;
  const svg = figure.querySelector("svg");
  const list = document.querySelector("[data-moves]");
  const quiet = document.querySelector("[data-quiet]");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const MOST_DOTS = 10, LINES = 20, TRAVEL = 900;
  const elsewhere = figure.dataset.elsewhere.split(" ").filter(Boolean);
  const seen = { "": Number(figure.dataset.last) };
  const plural = new Intl.PluralRules(document.documentElement.lang);
  let paused = false, slow = 1;

  const button = (name, act) => {
    const element = figure.querySelector(`[data-${name}]`);
    element.hidden = false;
    element.addEventListener("click", () => {
      const pressed = element.getAttribute("aria-pressed") !== "true";
      element.setAttribute("aria-pressed", pressed);
      act(pressed);
    });
  };
  button("pause", (pressed) => {
    paused = pressed;
    for (const animation of document.getAnimations()) paused ? animation.pause() : animation.play();
    if (!paused) ask("");
  });
  button("slow", (pressed) => { slow = pressed ? 4 : 1; });

  const arrow = (service, way) => svg.querySelector(`[data-arrow="${service}-${way}"]`);
  const point = (line, end) => [line.getAttribute("x" + end), line.getAttribute("y" + end)];

  const flash = (line) => {
    line.classList.add("moved");
    setTimeout(() => line.classList.remove("moved"), 1500);
  };

  const travel = (move, wait) => {
    const line = arrow(move.service, move.is_sent ? "out" : "in");
    if (!line) return;
    if (still.matches) { flash(line); return; }
    const [x1, y1] = point(line, 1), [x2, y2] = point(line, 2);
    const dots = Math.min(move.count, MOST_DOTS);
    for (let number = 0; number < dots; number++) {
      const dot = document.createElementNS(svg.namespaceURI, "g");
      dot.setAttribute("class", `dot from-${move.is_sent ? "outbox" : "queue"}`);
      const circle = document.createElementNS(svg.namespaceURI, "circle");
      circle.setAttribute("r", 7);
      dot.append(circle);
      if (number === 0) {
        const label = document.createElementNS(svg.namespaceURI, "text");
        label.setAttribute("y", -13);
        label.textContent = move.count > 1 ? `${move.event} × ${move.count}` : move.event;
        dot.append(label);
      }
      // Not seen before it sets out.
      dot.style.opacity = 0;
      svg.append(dot);
      const animation = dot.animate(
        [
          { transform: `translate(${x1}px, ${y1}px)`, opacity: 1 },
          { transform: `translate(${x2}px, ${y2}px)`, opacity: 1 },
        ],
        { duration: TRAVEL * slow, delay: (wait + number * 80) * slow, easing: "ease-in-out" },
      );
      animation.onfinish = animation.oncancel = () => dot.remove();
    }
  };

  const write = (name, value) => {
    for (const cell of document.querySelectorAll(`[data-number="${name}"]`)) cell.textContent = value;
  };
  const tell = (move) => {
    const line = document.createElement("li");
    line.textContent = `${move.words} `;
    const at = document.createElement("span");
    at.className = "quiet";
    at.textContent = move.at;
    line.append(at);
    list.prepend(line);
    while (list.children.length > LINES) list.lastElementChild.remove();
    if (quiet) quiet.hidden = true;
  };

  const show = (answer) => {
    for (const service of answer.services) {
      const waiting = service.waiting ?? "–";
      write(`${service.name}-waiting`, waiting);
      write(`${service.name}-outbox`, service.outbox);
      const box = svg.querySelector(`[data-box="${service.name}"]`);
      box.classList.toggle("waits", service.waiting > 0);
      box.classList.toggle("dead", service.dead > 0);
      const words = svg.querySelector(`[data-waiting="${service.name}"]`);
      words.textContent = service.waiting === 0 ? figure.dataset.none : (plural.select(service.waiting ?? 0) === "one" ? figure.dataset.one : figure.dataset.many).replace("{count}", waiting);
    }
    for (const total of answer.totals) {
      write(`${total.name}-sent`, total.sent);
      write(`${total.name}-taken`, total.taken);
    }
    for (const move of answer.moves) {
      travel(move, move.is_sent ? 0 : TRAVEL);
      tell(move);
    }
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
    const isFirst = seen[service] === undefined;
    seen[service] = answer.last;
    show(isFirst ? { ...answer, moves: [] } : answer);
  };

  const source = new EventSource(`/operations/live`);
  source.addEventListener("changed", () => ask(""));
  addEventListener("pagehide", () => source.close());
  // What moved in the last minute grows less by itself.
  setInterval(() => { if (!document.hidden) ask(""); }, 15000);
  if (elsewhere.length) setInterval(() => { if (!document.hidden) elsewhere.forEach(ask); }, 2000);
})();
