// What other processes know, on a page that one of them made: each part is taken from the page of the service that
// knows it, and again every few seconds while somebody looks. Whoever does not answer is a link as before.
(() => {
  "use strict";
  const EVERY = 5000;
  const places = () => [...document.querySelectorAll("[data-from]")];
  // By address: what the places held when the page came, and the pages that answered.
  const links = new Map(places().map((place) => [place.dataset.from, place.cloneNode(true)]));
  const answers = new Map();

  // What is ours to change: of a row the figures, after its first two cells.
  const own = (place) => (place.cells ? [...place.cells].slice(2) : [...place.childNodes]);
  const cell = (figure) => {
    const made = document.createElement("td");
    made.className = figure.dataset.figure;
    made.append(...figure.cloneNode(true).childNodes);
    return made;
  };
  const found = (place, page) => (place.cells ? [...page.querySelectorAll("[data-figure]")].map(cell)
    : [...page.querySelector("[data-part]").cloneNode(true).childNodes]);
  const show = (place) => {
    const { from } = place.dataset, page = answers.get(from), link = links.get(from), old = own(place);
    const fresh = page ? found(place, page) : link ? own(link.cloneNode(true)) : old;
    const isSame = fresh.length === old.length && fresh.every((node, at) => node.isEqualNode(old[at]));
    // Whoever is at a link in it keeps it.
    if (isSame || old.some((node) => node.contains(document.activeElement))) return;
    for (const node of old) node.remove();
    place.append(...fresh);
  };

  const asked = new Set();
  const ask = async (address) => {
    if (asked.has(address)) return;
    asked.add(address);
    const answer = await fetch(address, { headers: { accept: "text/html" } }).catch(() => null);
    const text = answer?.ok && !answer.redirected ? await answer.text().catch(() => "") : "";
    const page = new DOMParser().parseFromString(text, "text/html");
    if (page.querySelector("[data-part], [data-figure]")) answers.set(address, page);
    else answers.delete(address);
    asked.delete(address);
    places().forEach(show);
  };
  const askAll = () => { if (!document.hidden) for (const address of links.keys()) ask(address); };

  askAll();
  setInterval(askAll, EVERY);
  // A part of the page that is live is taken anew, and the places in it are links again.
  new MutationObserver(() => places().forEach(show)).observe(document.body, { childList: true, subtree: true });
})();
