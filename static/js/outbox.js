// <form data-outbox="Entry" hx-post=…>: without a connection the entry waits here and is sent once when the connection is back.
// "Once" rests on its Idempotency-Key: whatever was lost on the way, the server answers a repeat with the first answer.
import { person, store, time, word } from "./words.js";
import { button, say, toast, unsay } from "./feedback.js";
import { renew, signedOut } from "./requests.js";

const RETRY = 10000;
const place = () => `outbox:${person()}`;
const load = () => store.get(place()) ?? [];

function change(update) {
  const kept = store.set(place(), update(load()));
  draw();
  return kept;
}

document.addEventListener("handover:unsent", (event) => {
  const { ctx } = event.detail;
  const form = ctx.sourceElement.closest("form[data-outbox]");
  const { body } = ctx.request;
  if (!form || !(body instanceof URLSearchParams)) return; // a file cannot wait here: its form stays as it is
  const entry = {
    key: ctx.request.headers["Idempotency-Key"],
    url: ctx.request.action,
    body: body.toString(),
    label: label(form, body),
    at: Date.now(),
  };
  if (!change((list) => [...list.filter((other) => other.key !== entry.key), entry])) return;
  event.preventDefault();
  ctx.queued = true;
  form.reset();
  renew(form);
  form.querySelector("[autofocus], input:not([type=hidden]), textarea")?.focus();
});

function label(form, body) {
  const typed = [...form.elements].map((field) => (/^(text|search|textarea)$/.test(field.type) ? body.get(field.name) : "")).find(Boolean);
  return [form.dataset.outbox, typed?.slice(0, 40)].filter(Boolean).join(": ");
}

function token() {
  return JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}")["X-CSRFToken"] ?? "";
}

async function deliver(entry) {
  const body = new URLSearchParams(entry.body);
  body.delete("csrfmiddlewaretoken"); // signing in again has changed it; the header carries today's
  const response = await fetch(entry.url, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": token(), "Idempotency-Key": entry.key, "HX-Request": "true", "HX-Request-Type": "partial", Accept: "text/html" },
  });
  if (signedOut(response)) return "later";
  if (response.ok) return "sent";
  if (response.status >= 500 || response.status === 429) return "later";
  entry.detail = /json/.test(response.headers.get("Content-Type") ?? "") ? ((await response.json()).detail ?? "") : "";
  return "refused";
}

async function flush() {
  for (const entry of load().filter((one) => !one.refused)) {
    let fate;
    try {
      fate = await deliver(entry);
    } catch {
      return; // still cut off
    }
    if (fate === "later") return;
    if (fate === "sent") {
      change((list) => list.filter((one) => one.key !== entry.key));
      toast(word("sent", { label: entry.label }), "good");
      document.dispatchEvent(new CustomEvent("handover:sent", { detail: entry }));
    } else change((list) => list.map((one) => (one.key === entry.key ? { ...one, refused: true, detail: entry.detail } : one)));
  }
}

// one tab sends at a time where the browser can say so; elsewhere the key keeps two senders from doing it twice
let running = false;
async function send() {
  if (running || !load().some((entry) => !entry.refused)) return;
  running = true;
  try {
    if (navigator.locks) await navigator.locks.request(place(), { ifAvailable: true }, (lock) => (lock ? flush() : undefined));
    else await flush();
  } finally {
    running = false;
  }
}

function line(entry) {
  const item = document.createElement("li");
  const text = entry.refused ? `${word("refused", { label: entry.label })} ${entry.detail ?? ""}` : entry.label;
  item.append(`${time(entry.at)} ${text} `);
  if (entry.refused) {
    item.append(
      button(word("again"), () => {
        change((list) => list.map((one) => (one.key === entry.key ? { ...one, refused: false } : one)));
        send();
      }),
      button(word("throwAway"), () => change((list) => list.filter((one) => one.key !== entry.key))),
    );
  }
  return item;
}

function draw() {
  const list = load();
  if (!list.length) return unsay("outbox");
  say("outbox", word("waiting", { count: list.length }), [button(word("again"), send)], list.map(line));
}

addEventListener("online", send);
addEventListener("storage", (event) => event.key === place() && draw());
setInterval(send, RETRY);
draw();
send();
