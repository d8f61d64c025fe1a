// The search box: suggestions as a combobox (WAI-ARIA), and results that follow the typing.
import { cookie } from "./events.js";
import { canShow, show, showSoon } from "./results.js";

const WAIT_MS = 70;
const MOST = 8;

/** Give the search box of the page its suggestions. */
export function startSearchBox() {
  const form = document.querySelector("[data-search-box]");
  if (form) new SearchBox(form);
}

class SearchBox {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("#q");
    this.list = form.querySelector("#suggestions");
    this.suggestions = [];
    this.chosen = -1;
    this.running = null;
    this.timer = 0;
    this.input.addEventListener("input", (event) => event.isComposing || this.typed());
    this.input.addEventListener("compositionend", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.input.addEventListener("focus", () => (this.suggestions.length ? this.open() : this.input.value || this.suggest()));
    this.input.addEventListener("blur", () => this.close());
    // mousedown, because a click comes after the blur that closes the list.
    this.list.addEventListener("mousedown", (event) => this.picked(event));
    form.addEventListener("submit", (event) => this.submitted(event));
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.suggest(), WAIT_MS);
    if (canShow()) showSoon(address({ q: this.input.value.trim() }));
  }

  async suggest() {
    this.running?.abort();
    const prefix = this.input.value.trim();
    this.running = new AbortController();
    const locale = document.documentElement.lang.split("-")[0];
    const asked = new URLSearchParams({ q: prefix, k: MOST, locale, user_id: cookie("aisle_user") });
    try {
      const answer = await fetch(`/v1/complete?${asked}`, { signal: this.running.signal });
      const found = answer.ok ? (await answer.json()).suggestions : [];
      if (document.activeElement === this.input) this.fill(found, prefix);
    } catch (error) {
      if (error.name !== "AbortError") this.fill([], "");
    }
  }

  // A choice made while newer suggestions were on their way stays made, where they still hold it.
  fill(suggestions, prefix) {
    const before = this.suggestions[this.chosen];
    this.suggestions = suggestions;
    this.list.replaceChildren(...suggestions.map((one, place) => this.option(one, place, prefix)));
    this.choose(suggestions.findIndex((one) => one.kind === before?.kind && one.text === before.text));
    if (suggestions.length) this.open();
    else this.close();
  }

  option({ text, kind, path }, place, prefix) {
    const option = element("li", "suggestion");
    option.id = `suggestion-${place}`;
    option.setAttribute("role", "option");
    const words = element("span", "suggestion-text");
    const known = text.toLowerCase().startsWith(prefix.toLowerCase()) ? prefix.length : 0;
    words.append(element("span", "typed", text.slice(0, known)), text.slice(known));
    option.append(words);
    const named = this.list.dataset[`kind${kind[0].toUpperCase()}${kind.slice(1)}`];
    const label = (path ?? []).slice(0, -1).join(" › ") || named;
    if (label) option.append(element("span", "suggestion-kind", label));
    return option;
  }

  choose(place) {
    this.chosen = place;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
    if (place < 0) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", this.list.children[place].id);
    this.list.children[place].scrollIntoView({ block: "nearest" });
  }

  pressed(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    const last = this.suggestions.length - 1;
    if (event.key === "ArrowDown" && last >= 0) {
      if (!open) this.open();
      this.choose(this.chosen < last ? this.chosen + 1 : 0);
    } else if (event.key === "ArrowUp" && open) {
      this.choose(this.chosen > 0 ? this.chosen - 1 : last);
    } else if (event.key === "Escape" && open) {
      this.done();
    } else if (event.key === "Enter" && open && this.chosen >= 0) {
      this.go(this.suggestions[this.chosen]);
    } else {
      return;
    }
    event.preventDefault();
  }

  picked(event) {
    const place = [...this.list.children].indexOf(event.target.closest("li"));
    event.preventDefault();
    if (place >= 0 && event.button === 0) this.go(this.suggestions[place]);
  }

  go({ text, kind, item_id, filter }) {
    this.done();
    if (kind === "item" && item_id) return location.assign(`/items/${encodeURIComponent(item_id)}`);
    this.input.value = filter ? "" : text;
    this.search(address(filter ? narrowed(filter) : { q: text }));
  }

  submitted(event) {
    event.preventDefault();
    this.done();
    this.search(address({ q: this.input.value.trim() }));
  }

  search(target) {
    if (canShow()) show(target);
    else location.assign(target);
  }

  done() {
    clearTimeout(this.timer);
    this.running?.abort();
    this.close();
  }

  open() {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.choose(-1);
  }
}

function address(parameters) {
  const filled = Object.entries(parameters).filter(([, value]) => value);
  return filled.length ? `/search?${new URLSearchParams(filled)}` : "/search";
}

/** The filter `brand = "Volt"` as the parameter brand=Volt, which is easier to read; others as they are. */
function narrowed(filter) {
  const [, field, value] = /^(brand|category) = "((?:[^"\\]|\\.)*)"$/s.exec(filter) ?? [];
  return field ? { [field]: value.replace(/\\(.)/gs, "$1") } : { filter };
}

function element(name, className, text = "") {
  return Object.assign(document.createElement(name), { className, textContent: text });
}
