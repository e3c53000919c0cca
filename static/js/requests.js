// Every request of htmx: one key per deed, no double submit, and an answer that always reaches the reader.
import { newKey, word } from "./words.js";
import { button, say, toast, unsay } from "./feedback.js";

const keys = new WeakMap(); // element → key of the deed it is about to do
const busy = new WeakSet();
const LOGIN = "/accounts/login/";

const safe = (ctx) => ["GET", "QUERY"].includes(ctx.request.method);
export const formOf = (ctx) => ctx.request.form ?? ctx.sourceElement.closest("form");
const owner = (ctx) => formOf(ctx) ?? ctx.sourceElement;

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (safe(ctx)) return;
  if (busy.has(owner(ctx))) return event.preventDefault();
  const field = ctx.request.body?.get?.("idempotency_key");
  if (!field && !keys.has(owner(ctx))) keys.set(owner(ctx), newKey());
  ctx.request.headers["Idempotency-Key"] = field || keys.get(owner(ctx));
});

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (safe(ctx)) return;
  busy.add(owner(ctx));
  owner(ctx).setAttribute("aria-busy", "true");
});

document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  busy.delete(owner(ctx));
  owner(ctx).removeAttribute("aria-busy");
  // Below 500 the server has decided, so the next press is a new deed. After 500 or silence nobody knows: the same key asks again.
  if (!safe(ctx) && ctx.response && ctx.response.status < 500) renew(owner(ctx));
});

// A form that is opened before the deed in its place is answered (`t`, then `p` at once) would be closed by that answer: it waits for it.
let next = null;

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (!safe(ctx) || !ctx.target?.id || !sending(ctx.target.id)) return;
  event.preventDefault();
  next = ctx.sourceElement.getAttribute("hx-get");
});

const sending = (id) => document.querySelector(`form[aria-busy][hx-target="#${CSS.escape(id)}"]`);

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (!next || safe(ctx)) return;
  const link = document.querySelector(`[hx-get="${CSS.escape(next)}"]`); // the answer may have drawn it anew, or taken it away
  next = null;
  if (ctx.response?.status < 400) link?.click();
});

// While the form that a key asked for is on its way, what is typed is meant for it: keys.js asks.
const COMING = "[data-key][hx-get].htmx-request:not([data-key=Escape])";
export const formComing = () => next !== null || document.querySelector(COMING) !== null;

export function renew(element) {
  keys.delete(element);
  const field = element.querySelector?.('input[name="idempotency_key"]');
  if (field) field.value = newKey();
}

export const signedOut = (response) => response.status === 401 || (response.redirected && new URL(response.url).pathname.startsWith(LOGIN));

// a refusal as problem+json is a sentence, not a fragment
document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  const { raw, status } = ctx.response;
  unsay("request");
  if (raw.headers.get("X-Refused")) ctx.refused = true; // it leads elsewhere because nothing was done: what was typed stays a draft
  if (signedOut(raw)) {
    event.preventDefault();
    ctx.refused = true;
    return say("request", word("signedOut"));
  }
  if (/json/.test(raw.headers.get("Content-Type") ?? "")) {
    event.preventDefault();
    ctx.refused = status >= 400;
    tell(raw, ctx, status);
  }
});

async function tell(raw, ctx, status) {
  const problem = await raw.json().catch(() => ({}));
  if (status >= 400) toast(problem.detail || problem.title || word("failed"), "bad");
  ctx.sourceElement.dispatchEvent(new CustomEvent("handover:problem", { bubbles: true, detail: { problem, status } }));
}

// A whole page where a part was asked for: after a redirect go there; an error page is told, never swapped in.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const whole = /^\s*<!doctype/i.test(ctx.text ?? "");
  const { raw, status } = ctx.response;
  if (status >= 400) ctx.refused = true;
  if (!whole || ctx.select || ctx.target === document.body) {
    if (status >= 500) toast(word("failed"), "bad");
    if (status >= 500 && !ctx.text) event.preventDefault();
    return;
  }
  event.preventDefault();
  if (status < 400) return location.assign(raw.url);
  const page = new DOMParser().parseFromString(ctx.text, "text/html");
  toast(page.querySelector("[data-problem]")?.textContent.trim() || word("failed"), "bad");
});

document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail;
  if (!ctx?.request || ctx.response) return;
  ctx.refused = true;
  const source = ctx.sourceElement;
  if (safe(ctx) && !source.matches("form, a, button")) return;
  if (!source.dispatchEvent(new CustomEvent("handover:unsent", { bubbles: true, cancelable: true, detail: { ctx } }))) return;
  say("request", word(safe(ctx) ? "offline" : "notSent"), [button(word("again"), () => again(source))]);
});

function again(source) {
  unsay("request");
  if (source.matches("form")) source.requestSubmit();
  else source.click();
}

// a plain form, without htmx: the second press waits for the first
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.matches("[hx-post],[hx-get],[method=dialog]") || form.method !== "post") return;
  if (busy.has(form)) return event.preventDefault();
  busy.add(form);
  form.setAttribute("aria-busy", "true");
});

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) {
    busy.delete(form);
    form.removeAttribute("aria-busy");
  }
});
