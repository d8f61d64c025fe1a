// Cart, save and "not for me" without leaving the page. The server logs these events itself.
import { cookie } from "./events.js";

const toast = document.querySelector("[data-toast]");
let timer = 0;

/** Show a short message at the foot of the window, spoken by screen readers. */
export function announce(message) {
  toast.textContent = message;
  toast.classList.add("shown");
  clearTimeout(timer);
  timer = setTimeout(() => toast.classList.remove("shown"), 3500);
}

async function submitted(event) {
  const form = event.target.closest("form[data-act]");
  if (!form) return;
  event.preventDefault();
  const button = event.submitter;
  const body = new URLSearchParams(new FormData(form, button));
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    announce((await answer.json()).message);
  } catch {
    announce(toast.dataset.failed);
    return;
  }
  if (button.value === "dislike") takeAway(form.closest("[data-item]"));
  if (button.value.endsWith("save")) press(body.get("item_id"), button.value === "save");
  countCart();
}

function takeAway(card) {
  const place = card.closest("li");
  const next = (place.nextElementSibling ?? place.previousElementSibling)?.querySelector(".card-title a");
  card.classList.add("leaving");
  setTimeout(() => {
    place.remove();
    next?.focus({ preventScroll: true });
  }, 200);
}

function press(itemId, on) {
  for (const input of document.querySelectorAll('form[data-act] input[name="item_id"]')) {
    if (input.value !== itemId) continue;
    const heart = input.form.querySelector(".heart");
    heart.value = on ? "unsave" : "save";
    heart.setAttribute("aria-pressed", String(on));
  }
}

function countCart() {
  const pieces = cookie("aisle_cart").split("|").reduce((sum, line) => sum + (Number(line.split(":")[1]) || 0), 0);
  const badge = document.querySelector("[data-cart-count]");
  badge.textContent = pieces;
  badge.hidden = !pieces;
}

// In the cart a new number of pieces counts at once.
for (const form of document.querySelectorAll("form[data-pieces]")) {
  form.querySelector("button").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
}

document.addEventListener("submit", submitted);
// A page that comes back from the browser's memory may show an old count.
addEventListener("pageshow", (event) => event.persisted && countCart());
