// <form data-autosave hx-post=… hx-trigger="autosave" hx-swap="none">: saved as it is typed, a rest of 0.7 s after the last letter.
// One request of the page at a time, so that no older answer overtakes a newer one; what is typed while one is on its way goes out right after it, with the version that its answer brought.
// Whatever is not saved yet is tried again: when the answer came too late, when the connection is back, before a deed of the same page.
import { forget } from "./drafts.js";
import { renew } from "./requests.js";

const REST = 700;
const RETRY = 5000;
const PATIENCE = 4000; // a deed waits no longer than this for what is being saved; the server knows what it has
const states = new WeakMap();
const waiting = new Set();

function stateOf(form) {
  if (!states.has(form)) states.set(form, { dirty: false, sending: false, wanted: false, heard: false, sent: new Map(), refused: false, timer: 0 });
  return states.get(form);
}

const TEXT = "input:not([type=hidden], [type=checkbox], [type=radio]), textarea";
const texts = (form) => [...form.elements].filter((field) => field.matches(TEXT));
const forms = () => [...document.querySelectorAll("form[data-autosave]")];
const unsaved = (form) => stateOf(form).dirty || stateOf(form).sending;
// how it stands, for the page's look and for whoever waits
const mark = (form) => form.toggleAttribute("data-unsaved", unsaved(form));
export const pending = () => forms().some(unsaved);

function go(form) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  if (!state.dirty || !form.isConnected) return;
  state.wanted = true;
  if (forms().some((other) => stateOf(other).sending)) return; // its answer sends this one
  Object.assign(state, { dirty: false, sending: true, wanted: false, heard: false, sent: new Map(texts(form).map((field) => [field, field.value])) });
  form.dispatchEvent(new CustomEvent("autosave"));
  if (state.heard) return;
  Object.assign(state, { dirty: true, sending: false }); // htmx was not there yet, or a field holds half a date
  later(form, RETRY);
}

function later(form, delay) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  state.timer = setTimeout(() => go(form), delay);
}

function touched(event, delay) {
  const form = event.target.form;
  if (!form?.hasAttribute("data-autosave")) return;
  stateOf(form).dirty = true;
  mark(form);
  if (delay) later(form, delay);
  else go(form);
}

function hurry() {
  for (const form of forms()) go(form);
}

// What has been answered meanwhile, and whether there is more.
function finished(form, ok, answered) {
  const state = stateOf(form);
  state.sending = false;
  renew(form); // the next save is another deed, also when this one's answer was lost: its version decides
  state.refused = answered && !ok;
  if (!ok) state.dirty = true;
  else for (const [field, value] of state.sent) field.defaultValue = value; // what differs from it is mine and not saved yet
  if (ok && !state.dirty) forget(form);
  mark(form);
  if (!ok && !answered) later(form, RETRY);
  if (ok && state.dirty) state.wanted = true;
  const next = forms().find((other) => stateOf(other).wanted);
  if (next) go(next);
  if (!pending() || !ok) settle();
}

function settle() {
  for (const done of waiting) done();
  waiting.clear();
}

// Everything typed is on the server, or could not be brought there.
export function saved() {
  if (!pending()) return Promise.resolve();
  return new Promise((done) => {
    waiting.add(done);
    setTimeout(done, PATIENCE);
    hurry();
  });
}

document.addEventListener("input", (event) => touched(event, REST));
// leaving a field sends what is not sent; a choice is whole as soon as it is made
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form?.hasAttribute("data-autosave")) return;
  if (event.target.matches("select, [type=checkbox], [type=radio]")) touched(event, 0);
  else go(form);
});
document.addEventListener("handover:restored", (event) => touched({ target: { form: event.target } }, 1));

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (!ctx.sourceElement.hasAttribute("data-autosave") || event.defaultPrevented) return;
  stateOf(ctx.sourceElement).heard = true;
  ctx.request.keepalive = true; // leaving the page does not take it back
});

document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  if (!ctx.sourceElement.hasAttribute("data-autosave")) return;
  finished(ctx.sourceElement, Boolean(ctx.response) && !ctx.refused, Boolean(ctx.response));
});

// An answer that draws its row anew morphs it: what the fields hold beyond what was saved stays. (The one with the focus is left alone anyway.)
let held = new Map();
document.addEventListener("htmx:before:swap", () => {
  held = new Map(forms().flatMap(texts).filter((field) => field.value !== field.defaultValue).map((field) => [field, field.value]));
});
document.addEventListener("htmx:after:swap", () => {
  for (const [field, value] of held) if (field !== document.activeElement && field.value !== value) field.value = value;
  held.clear();
});

// Enter in a field saves; a deed beside it waits until what it is about has been saved.
const passed = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-autosave")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    stateOf(form).dirty = true;
    return go(form);
  }
  if (form.method !== "post" || passed.delete(form) || !pending()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = event.submitter;
  saved().then(() => {
    if (!form.isConnected) return;
    const wrong = forms().find((other) => stateOf(other).refused); // the page says what: nobody signs over it unseen
    if (wrong) return texts(wrong).find((field) => field.value !== field.defaultValue)?.focus();
    passed.add(form);
    form.requestSubmit(submitter?.isConnected ? submitter : null);
  });
}, true);

// a draft of this browser was brought back before this script was there
for (const form of forms()) {
  if (!texts(form).some((field) => field.value !== field.defaultValue)) continue;
  stateOf(form).dirty = true;
  later(form, REST);
}

addEventListener("online", hurry);
addEventListener("pagehide", hurry);
document.addEventListener("visibilitychange", () => document.hidden && hurry());
