// Results change in place: the same address is fetched, and its results replace those on the page.
import { logSearch, watch } from "./slates.js";

const TYPED_MS = 220;
const SETTLED_MS = 1000;

let running = null;
let typing = 0;
let settling = 0;
let shown = location.pathname + location.search;

const region = () => document.querySelector("[data-results]");

/** Fetch `address` and put its results on the page. `history` is "push", "replace" or "" (already there). */
export async function show(address, history = "push") {
  running?.abort();
  clearTimeout(typing);
  clearTimeout(settling);
  const mine = (running = new AbortController());
  region().setAttribute("aria-busy", "true");
  let page;
  try {
    const answer = await fetch(address, { signal: mine.signal, headers: { Accept: "text/html" } });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
    return;
  }
  const fresh = page.querySelector("[data-results]");
  // An error page has no results region: let the browser show it as a page.
  if (!fresh) return location.assign(address);
  if (history === "push" && address !== shown) window.history.pushState(null, "", address);
  if (history === "replace") window.history.replaceState(null, "", address);
  shown = location.pathname + location.search;
  replace(fresh);
  document.title = page.title;
  syncLinks(page);
  if (history === "push") logSearch(fresh);
  else settling = setTimeout(() => logSearch(fresh), SETTLED_MS);
}

/** Search for what is being typed, a moment after the last key. */
export function showSoon(address) {
  clearTimeout(typing);
  typing = setTimeout(show, TYPED_MS, address, "replace");
}

/** True where results can change in place. */
export function canShow() {
  return region() !== null;
}

function replace(fresh) {
  const key = document.activeElement?.closest("[data-key]")?.dataset.key;
  const open = new Map([...region().querySelectorAll("details[data-key]")].map((one) => [one.dataset.key, one.open]));
  const inResults = region().contains(document.activeElement);
  const scrolled = document.querySelector("[data-facets]")?.scrollTop ?? 0;
  for (const one of fresh.querySelectorAll("details[data-key]")) one.open = open.get(one.dataset.key) ?? one.open;
  region().replaceWith(fresh);
  const notes = [...fresh.querySelectorAll("[data-note], [data-count]")].map((one) => one.textContent.trim());
  document.querySelector("[data-status]").textContent = notes.join(" ");
  document.querySelectorAll("[data-results] ~ .shelf").forEach((shelf) => shelf.remove());
  const same = [...fresh.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
  if (same) (same.matches("details") ? same.querySelector("summary") : same).focus({ preventScroll: true });
  else if (inResults) document.querySelector("main").focus({ preventScroll: true });
  const facets = fresh.querySelector("[data-facets]");
  if (facets) facets.scrollTop = scrolled;
  watch(fresh);
}

// The links to other languages keep the search.
function syncLinks(page) {
  const links = page.querySelectorAll(".languages a");
  document.querySelectorAll(".languages a").forEach((link, place) => (link.href = links[place]?.href ?? link.href));
  const box = document.querySelector("#q");
  if (box && document.activeElement !== box) box.value = page.querySelector("#q")?.value ?? "";
}

function formAddress(form) {
  const filled = [...new FormData(form)].filter(([, value]) => value !== "");
  return `${new URL(form.action).pathname}?${new URLSearchParams(filled)}`;
}

function clicked(event) {
  const link = event.target.closest("[data-results] a[data-live]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(link.pathname + link.search);
  if (link.matches(".page")) scrollTo({ top: 0 });
}

function drawer(event) {
  const root = document.documentElement;
  if (event.target.closest("[data-open-facets]")) {
    event.preventDefault();
    root.classList.add("facets-shown");
    document.querySelector("[data-close-facets]").focus();
  } else if (root.classList.contains("facets-shown")) {
    const outside = !event.target.closest("[data-facets]");
    if (outside || event.target.closest("[data-close-facets]")) {
      event.preventDefault();
      closeDrawer();
    }
  }
}

function closeDrawer() {
  if (!document.documentElement.classList.contains("facets-shown")) return;
  document.documentElement.classList.remove("facets-shown");
  document.querySelector("[data-open-facets]")?.focus();
}

/** Make the links and forms of the results work in place. */
export function startResults() {
  if (!canShow()) return;
  document.addEventListener("click", drawer);
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeDrawer());
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form.sort[data-live-form]");
    if (form) show(formAddress(form));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-live-form]");
    if (!form) return;
    event.preventDefault();
    show(formAddress(form));
  });
  addEventListener("popstate", () => {
    // Going to a part of the same page is no new search.
    if (location.pathname + location.search !== shown) show(location.pathname + location.search, "");
  });
}
