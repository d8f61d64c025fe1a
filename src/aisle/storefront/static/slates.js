// Slates are results and shelves. What was really seen, clicked and opened is logged with its rank and its search.
import { log } from "./events.js";

const SEEN_SHARE = 0.5;
const SEEN_MS = 1000;

const searches = new Set();
const timers = new Map();
const observer = new IntersectionObserver(changed, { threshold: SEEN_SHARE });

/** Watch the slates inside `root`: cards become impressions once half of them is visible for a second. */
export function watch(root) {
  for (const card of root.querySelectorAll("[data-slate] [data-item]")) observer.observe(card);
}

/** Log the search behind a slate, once. */
export function logSearch(slate) {
  const { query, queryId } = slate?.dataset ?? {};
  if (!query || searches.has(queryId)) return;
  searches.add(queryId);
  log("search", { query, query_id: queryId, surface: "search" });
}

/** What an event about a card says of it. */
function origin(card) {
  const { queryId: query_id, query, surface } = card.closest("[data-slate]").dataset;
  return { item_id: card.dataset.item, rank: Number(card.dataset.rank), query_id, query, surface };
}

function changed(entries) {
  for (const { target, isIntersecting, intersectionRatio } of entries) {
    clearTimeout(timers.get(target));
    if (isIntersecting && intersectionRatio >= SEEN_SHARE) timers.set(target, setTimeout(seen, SEEN_MS, target));
  }
}

function seen(card) {
  observer.unobserve(card);
  timers.delete(card);
  if (!card.isConnected) return;
  logSearch(card.closest("[data-slate]"));
  log("impression", origin(card));
}

function clicked(event) {
  const card = event.target.closest?.("[data-slate] [data-item] :is(.card-title, .card-variants) a")?.closest("[data-item]");
  if (!card || event.button > 1) return;
  const from = origin(card);
  logSearch(card.closest("[data-slate]"));
  log("click", from);
  sessionStorage.setItem(`aisle:${from.item_id}`, JSON.stringify(from));
}

// The page of an item remembers which slate led to it.
function viewed() {
  const item_id = document.querySelector("main[data-view]")?.dataset.view;
  if (!item_id) return;
  const { query_id, query, rank } = JSON.parse(sessionStorage.getItem(`aisle:${item_id}`) ?? "{}");
  log("view", { item_id, query_id, query, rank, surface: "item" });
  const form = document.querySelector("form[data-trail]");
  for (const [name, value] of Object.entries({ query_id, rank })) {
    if (value) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
}

document.addEventListener("click", clicked);
document.addEventListener("auxclick", clicked);
viewed();
logSearch(document.querySelector("[data-results]"));
