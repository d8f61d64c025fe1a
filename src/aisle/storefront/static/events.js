// The queue of events: what the shopper saw and did, sent to the shop in batches and never twice.

const ADDRESS = "/v1/events";
const BATCH = 50;
const WAIT_MS = 1500;
const MOST_WAITING = 500;

let waiting = [];
let timer = 0;

/** The value of one of our cookies, or "". */
export function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? found.slice(name.length + 1) : "";
}

/** Queue one event. Empty fields are left out. */
export function log(kind, fields) {
  const event = {
    event_id: newId(),
    kind,
    timestamp: new Date().toISOString(),
    user_id: cookie("aisle_user"),
    session_id: cookie("aisle_session"),
    ...fields,
  };
  waiting.push(Object.fromEntries(Object.entries(event).filter(([, value]) => value || value === 0)));
  if (waiting.length >= BATCH) flush();
  else timer ||= setTimeout(flush, WAIT_MS);
}

/** Send what is queued. When the server is away the events wait for the next time. */
export async function flush() {
  clearTimeout(timer);
  timer = 0;
  const batch = waiting.splice(0, BATCH);
  if (!batch.length) return;
  const body = JSON.stringify({ events: batch });
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(ADDRESS, { method: "POST", headers, body, keepalive: true });
    if (answer.status >= 500 || answer.status === 429) throw new Error(`status ${answer.status}`);
  } catch {
    waiting = [...batch, ...waiting].slice(-MOST_WAITING);
    timer ||= setTimeout(flush, 10 * WAIT_MS);
  }
  if (waiting.length >= BATCH) timer ||= setTimeout(flush, WAIT_MS);
}

// A page that goes away cannot wait for an answer: the browser delivers a beacon on its own.
function leave() {
  while (waiting.length) {
    const body = JSON.stringify({ events: waiting.splice(0, BATCH) });
    navigator.sendBeacon(ADDRESS, new Blob([body], { type: "application/json" }));
  }
}

// crypto.randomUUID exists on secure origins only; a shop in a local network may have none.
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
addEventListener("pagehide", leave);
