// <form data-draft="key">: what is typed survives a crash, a sign-out, a refusal and a cut cable. Kept per person.
import { person, store, time, word } from "./words.js";
import { formOf } from "./requests.js";
import { elsewhere, kept as keptThere, share, unshare } from "./shared.js";

const DAYS = 14;
const GATE = "/digest/";
const SENT = "draft-sent"; // sessionStorage: a plain form that left with this page
const timers = new WeakMap();
const known = new WeakSet();
const asked = new Set(); // forms that the server is about to be asked for

const keyOf = (form) => `draft:${person()}:${form.dataset.draft}`;
const kept = (field) => field.name && !/^(hidden|password|file|submit|button|reset|image)$/.test(field.type) && !field.closest("[data-no-draft]");
const fields = (form) => [...form.elements].filter(kept);

function read(form) {
  const values = {};
  for (const field of fields(form)) {
    const list = (values[field.name] ??= []);
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) list.push(field.value);
    } else if (field.type === "select-multiple") list.push(...[...field.selectedOptions].map((option) => option.value));
    else list.push(field.value);
  }
  return values;
}

function write(form, values) {
  const seen = {};
  for (const field of fields(form)) {
    const list = values[field.name];
    if (!list) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = list.includes(field.value);
    else if (field.type === "select-multiple") for (const option of field.options) option.selected = list.includes(option.value);
    else field.value = list[(seen[field.name] = (seen[field.name] ?? -1) + 1)] ?? field.value;
  }
  form.dispatchEvent(new CustomEvent("handover:restored", { bubbles: true }));
}

export function save(form) {
  clearTimeout(timers.get(form));
  timers.delete(form);
  const values = read(form);
  store.set(keyOf(form), { at: Date.now(), values });
  if (shares(form)) share(form.dataset.draft, values);
}

// what is saved as it is typed is on the server already
const shares = (form) => !form.hasAttribute("data-autosave");

export function forget(form) {
  clearTimeout(timers.get(form));
  drop(form);
  note(form);
}

function drop(form) {
  timers.delete(form);
  store.set(keyOf(form), null);
  unshare(form.dataset.draft);
}

function note(form, text = "", ...buttons) {
  let line = form.querySelector(".draft-note");
  if (!line && !text) return;
  if (!line) {
    line = document.createElement("p");
    line.className = "draft-note";
    line.setAttribute("role", "status");
    form.append(line);
  }
  line.replaceChildren(text, ...buttons);
}

function plain(label, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button plain small";
  element.textContent = label;
  element.addEventListener("click", act);
  return element;
}

function sayKept(form, at) {
  note(form, word("kept", { time: time(at) }), plain(word("throwAway"), () => {
    form.reset();
    forget(form);
  }));
}

function restore(form) {
  if (known.has(form)) return;
  known.add(form);
  const draft = store.get(keyOf(form));
  if (!draft) return shares(form) && asked.add(form);
  // the server's own copy is newer: it has been saved from another device
  if (form.dataset.draftAt && Date.parse(form.dataset.draftAt) > draft.at) return forget(form);
  if (JSON.stringify(read(form)) === JSON.stringify(draft.values)) return;
  const bring = () => {
    write(form, draft.values);
    sayKept(form, draft.at);
  };
  if (draft.sent) note(form, word("keptOffer", { time: time(draft.sent) }), plain(word("bringBack"), bring), plain(word("throwAway"), () => forget(form)));
  else bring();
}

function restoreAll() {
  for (const form of document.querySelectorAll("form[data-draft]")) restore(form);
  if (asked.size) askServer();
}

// A form that this browser knows nothing of: perhaps another device does, or this one before it crashed. Offered, never written in.
async function askServer() {
  const forms = [...asked];
  asked.clear();
  const found = await keptThere(forms.map((form) => form.dataset.draft));
  for (const form of forms) {
    const draft = found.get(form.dataset.draft);
    if (!draft || !form.isConnected || store.get(keyOf(form))) continue;
    if (JSON.stringify(read(form)) === JSON.stringify(draft.values)) continue;
    const bring = () => {
      write(form, draft.values);
      save(form);
      note(form);
    };
    note(form, elsewhere(time(Date.parse(draft.at))), plain(word("bringBack"), bring), plain(word("throwAway"), () => forget(form)));
  }
}

// A plain form that left: when its answer is a page that we came to by going on, it arrived; by going back or reloading, who knows.
function settlePlain() {
  let sent;
  try {
    sent = JSON.parse(sessionStorage.getItem(SENT));
    sessionStorage.removeItem(SENT);
  } catch {
    return;
  }
  if (!sent) return;
  // answered by the sign-in or by the digest (duty ended meanwhile): nothing was done, so it is still a draft
  if (!sent.key.startsWith(`draft:${person()}:`) || (location.pathname === GATE && !document.querySelector(`form[data-draft="${CSS.escape(sent.key.split(":").slice(2).join(":"))}"]`))) return;
  const refused = [...document.querySelectorAll("form[data-draft]")].some((form) => keyOf(form) === sent.key && form.querySelector("[aria-invalid], .note.bad"));
  const wentOn = performance.getEntriesByType("navigation")[0]?.type === "navigate" && document.referrer.startsWith(location.origin);
  if (wentOn && !refused && !document.querySelector("[data-problem]")) {
    store.set(sent.key, null);
    share(sent.key.split(":").slice(2).join(":"), {});
  }
  else if (!refused) {
    const draft = store.get(sent.key);
    if (draft) store.set(sent.key, { ...draft, sent: sent.at });
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.dataset.draft || !kept(event.target)) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => save(form), 250));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.draft) return;
  save(form);
  if (event.defaultPrevented || form.hasAttribute("hx-post")) return;
  try {
    sessionStorage.setItem(SENT, JSON.stringify({ key: keyOf(form), at: Date.now() }));
  } catch {
    // without session storage the draft simply stays
  }
});

// An accepted form often answers with itself, empty: its draft must be gone before that one asks for it.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const form = ctx.request && formOf(ctx);
  if (!form?.dataset.draft || !ctx.response || ctx.refused || ctx.request.method === "GET" || ctx.sourceElement.hasAttribute("data-autosave")) return;
  clearTimeout(timers.get(form));
  drop(form);
});

document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  const form = formOf(ctx);
  if (!form?.dataset.draft || ctx.request.method === "GET" || ctx.sourceElement.hasAttribute("data-autosave")) return;
  if (ctx.response && !ctx.refused) forget(form);
  else if (ctx.queued) forget(form);
  else if (form.isConnected) sayKept(form, Date.now());
});

document.addEventListener("htmx:after:settle", restoreAll);
addEventListener("pagehide", () => {
  for (const form of document.querySelectorAll("form[data-draft]")) if (timers.has(form)) save(form);
});

for (const key of store.keys("draft:")) if (Date.now() - (store.get(key)?.at ?? 0) > DAYS * 864e5) store.set(key, null);
settlePlain();
restoreAll();
