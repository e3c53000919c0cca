// Drafts on the server, beside those of this browser: offered on another device, or here after a crash. While one types, one small
// request every three seconds at most; it also tells colleagues on the same ticket who is typing.
import { person, word } from "./words.js";

const PACE = 3000;
const LARGEST = 16 * 1024;
const WHERE = "/drafts/";
const waiting = new Map(); // key → { values, timer }
const last = new Map(); // key → when it was sent last
const there = new Set(); // keys that the server has
const going = new Map(); // key → the request about it that is on its way
let closed = person() === "nobody"; // not signed in, or not through the digest yet: this browser's drafts do

const token = () => JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}")["X-CSRFToken"] ?? "";

// One request of a key at a time: a draft that arrived after its own dropping would be offered though it was sent. A page that is left
// cannot wait (`now`).
function send(key, values, now = false) {
  const text = values ? JSON.stringify(values) : "";
  waiting.delete(key);
  if (closed || text.length > LARGEST) return;
  last.set(key, Date.now());
  if (values) there.add(key);
  else there.delete(key);
  const body = new URLSearchParams({ key, values: text });
  const headers = { "X-CSRFToken": token(), "HX-Request": "true", "HX-Request-Type": "partial" };
  const post = () =>
    fetch(WHERE, { method: "POST", body, headers, keepalive: true }).then(
      (answer) => (closed = answer.status === 401 || answer.status === 403 || answer.redirected),
      () => undefined, // no connection: it is kept in this browser
    );
  const before = now ? undefined : going.get(key);
  const sent = before ? before.then(post) : post();
  going.set(key, sent);
  sent.then(() => going.get(key) === sent && going.delete(key));
}

export function share(key, values) {
  if (closed) return;
  const entry = waiting.get(key);
  if (entry) entry.values = values;
  else {
    const rest = Math.max((last.get(key) ?? 0) + PACE - Date.now(), 0);
    const fresh = { values };
    fresh.timer = setTimeout(() => send(key, fresh.values), rest);
    waiting.set(key, fresh);
  }
}

export function unshare(key) {
  const entry = waiting.get(key);
  clearTimeout(entry?.timer);
  waiting.delete(key);
  if (there.has(key)) send(key, null);
}

// What the server has for these forms: a Map of key → { at, values }.
export async function kept(keys) {
  if (closed || !keys.length) return new Map();
  await Promise.all(keys.map((key) => going.get(key))); // what is being dropped is there no more
  try {
    const response = await fetch(`${WHERE}?${new URLSearchParams(keys.map((key) => ["key", key]))}`, { headers: { "HX-Request": "true", Accept: "application/json" } });
    if (!response.ok || response.redirected) return new Map();
    const found = new Map(Object.entries(await response.json()));
    for (const key of found.keys()) there.add(key);
    return found;
  } catch {
    return new Map();
  }
}

export const elsewhere = (time) => word("keptElsewhere", { time });

addEventListener("pagehide", () => {
  for (const [key, { values, timer }] of waiting) {
    clearTimeout(timer);
    send(key, values, true);
  }
});
