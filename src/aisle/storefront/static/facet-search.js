// Search inside a facet: while somebody types, its values come from the shop, beyond the few that the page shows.
const WAIT_MS = 120;
const MOST = 20;
const READABLE = ["brand", "category"];

let running = null;
let timer = 0;

/** Make the boxes above long facets work, also those of results that come later. */
export function startFacetSearch() {
  document.addEventListener("input", (event) => {
    const box = event.target.closest("[data-facet-search]");
    if (!box || event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(find, WAIT_MS, box);
  });
  document.addEventListener("compositionend", (event) => {
    const box = event.target.closest("[data-facet-search]");
    if (box) find(box);
  });
}

async function find(box) {
  running?.abort();
  const prefix = box.value.trim();
  if (!prefix) return show(box, null);
  running = new AbortController();
  const { query, within, sort, spelling, without } = box.closest("[data-facets]").dataset;
  const locale = document.documentElement.lang.split("-")[0];
  const asked = new URLSearchParams({ prefix, q: query, filters: within, sort, spelling, k: MOST, locale });
  for (const taken of JSON.parse(without)) asked.append("without", taken);
  try {
    const address = `/v1/facets/${encodeURIComponent(box.dataset.facetSearch)}?${asked}`;
    const answer = await fetch(address, { signal: running.signal });
    if (answer.ok) show(box, (await answer.json()).values);
  } catch (error) {
    if (error.name !== "AbortError") show(box, null);
  }
}

/** Show what was found in place of the page's own choices; null shows these again. */
function show(box, values) {
  const found = box.nextElementSibling;
  const own = found.nextElementSibling;
  found.hidden = values === null;
  own.hidden = values !== null;
  const entries = (values ?? []).map((value) => entry(box, value, own));
  if (values && !entries.length) entries.push(element("li", "quiet", found.dataset.none));
  found.replaceChildren(...entries);
}

function entry(box, value, own) {
  const item = document.createElement("li");
  const known = [...own.querySelectorAll("[data-filter]")].find((one) => one.dataset.filter === value.filter);
  item.append(known?.cloneNode(true) ?? link(box.dataset, value));
  return item;
}

function link({ facetSearch: field, base }, { value, label, filter, count }) {
  const link = element("a", "choice");
  link.href = address(base, READABLE.includes(field) ? [field, value] : ["filter", filter]);
  link.dataset.live = "";
  const box = element("span", "box");
  box.setAttribute("aria-hidden", "true");
  const number = count.toLocaleString(document.documentElement.lang);
  link.append(box, element("span", "choice-label", label || value), element("span", "quiet", number));
  return link;
}

function address(base, parameter) {
  const target = new URL(base, location.href);
  target.searchParams.append(...parameter);
  return target.pathname + target.search;
}

function element(name, className, text = "") {
  return Object.assign(document.createElement(name), { className, textContent: text });
}
