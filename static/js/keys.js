// The keyboard: single keys while nobody is typing. `?` lists them. They can be switched off (WCAG 2.1.4) in the same place.
import { pending, saved } from "./autosave.js";
import { currentRow, open, step, tick } from "./lists.js";
import { formComing } from "./requests.js";
import { store } from "./words.js";

const SWITCH = "single-keys";
let going = 0; // until when a `g` waits for its second key

const typing = (element) => element?.matches?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]");
const shown = (element) => element.getClientRects().length > 0 && !element.disabled;
const enabled = () => store.get(SWITCH) !== false;
const scope = () => [...document.querySelectorAll("dialog[open]")].pop() ?? document;

// the row one stands on comes first, then what belongs to the page; standing on no row, the first that has the key: never another row's
function holder(key) {
  const all = [...scope().querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter(shown);
  const row = currentRow();
  return all.find((element) => row?.contains(element)) ?? all.find((element) => !element.closest("[data-row]")) ?? (row ? undefined : all[0]);
}

function press(element) {
  if (typing(element)) element.focus();
  else element.click();
}

// A deed that waits for what is being saved right now (its button is still grey) is done as soon as it is.
function afterSaving(key) {
  if (!pending() || !scope().querySelector(`[data-key="${CSS.escape(key)}"]:disabled`)) return false;
  saved().then(() => {
    const element = holder(key);
    if (element && !typing(document.activeElement)) press(element);
  });
  return true;
}

function go(key) {
  going = 0;
  document.querySelector(`[data-go="${CSS.escape(key)}"]`)?.click();
}

const ours = {
  "/": () => document.getElementById("lookup"),
  "?": () => openHelp(),
  g: () => (going = Date.now() + 1500),
  j: () => step(1),
  k: () => step(-1),
  x: () => tick(),
  Enter: () => open(),
};

function handle(key) {
  if (going > Date.now()) return go(key) ?? true;
  const element = holder(key);
  if (element) return press(element) ?? true;
  if (afterSaving(key)) return true;
  if (scope() !== document && key !== "?") return false;
  const result = ours[key]?.();
  if (result instanceof Element) {
    result.focus();
    result.select?.();
  }
  return Boolean(result);
}

document.addEventListener("keydown", (event) => {
  // an input method is composing: its keys are not ours
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
  const target = event.target;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.form) {
    event.preventDefault();
    return submit(target.form);
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(target)) return inField(event, target);
  if (event.key === "Enter" && target.matches("a, button, summary, input")) return;
  if (formComing()) return typeAhead(event);
  if (!enabled() || event.repeat && !/^[jk]$/.test(event.key)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (handle(key)) event.preventDefault();
});

// Typed before the form that was asked for is there: it belongs into that form, and is no key of the page any more.
let ahead = "";

function typeAhead(event) {
  if (event.key.length !== 1) return;
  event.preventDefault();
  ahead += event.key;
}

function caughtUp() {
  if (!ahead || formComing()) return;
  const [field, typed] = [document.activeElement, ahead];
  ahead = "";
  if (field.matches("input[type=text], input:not([type]), input[type=search], textarea")) {
    field.setRangeText(typed, field.value.length, field.value.length, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  } else if (!typing(field)) [...typed].forEach((key) => handle(key.toLowerCase())); // what came has no field: they are the page's keys
}

// htmx takes the mark of the request off its link after this event.
document.addEventListener("htmx:finally:request", () => setTimeout(caughtUp));

// As Enter in a one-line field does: the form's first button that can be pressed says which deed it is.
function submit(form) {
  const first = [...form.elements].find((element) => element.type === "submit" && shown(element));
  form.requestSubmit(first ?? null);
}

function inField(event, field) {
  if (event.key === "Enter" && field.dataset.enter === "submit" && !event.shiftKey && field.form) {
    event.preventDefault();
    return submit(field.form);
  }
  if (event.key === "Escape" && !field.closest("dialog")) field.blur();
  if (field.id !== "lookup") return;
  const links = [...document.querySelectorAll("#lookup_results a[href]")];
  if (event.key === "ArrowDown" && links.length) {
    event.preventDefault();
    links[0].focus();
  }
}

// arrows walk the results of the lookup
document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.("#lookup_results a[href]");
  if (!link || !/^Arrow(Up|Down)$/.test(event.key)) return;
  event.preventDefault();
  const links = [...document.querySelectorAll("#lookup_results a[href]")];
  const next = links[links.indexOf(link) + (event.key === "ArrowDown" ? 1 : -1)];
  (next ?? document.getElementById("lookup")).focus();
});

function openHelp() {
  const dialog = document.getElementById("keys-help");
  if (!dialog || dialog.open) return false;
  dialog.showModal();
  return true;
}

function entries(selector, key, prefix = "") {
  const seen = new Map();
  for (const element of document.querySelectorAll(selector)) {
    if (!shown(element) || seen.has(element.dataset[key])) continue;
    const copy = element.cloneNode(true);
    for (const hint of copy.querySelectorAll("kbd, svg")) hint.remove();
    const name = element.getAttribute("aria-label") || copy.textContent.trim() || element.labels?.[0]?.textContent || element.title;
    seen.set(element.dataset[key], [prefix, name]);
  }
  return [...seen].map(([letter, [before, name]]) => {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    for (const part of [before, letter].filter(Boolean)) {
      const cap = document.createElement("kbd");
      cap.textContent = part;
      term.append(cap, " ");
    }
    const text = document.createElement("dd");
    text.textContent = name;
    row.append(term, text);
    return row;
  });
}

// filled when it opens, however it was opened
document.addEventListener("toggle", (event) => {
  const dialog = event.target;
  if (dialog.id !== "keys-help" || event.newState !== "open") return;
  dialog.querySelector("[data-go-keys]").replaceChildren(...entries("[data-go]", "go", "g"));
  dialog.querySelector("[data-page-keys]").replaceChildren(...entries("main [data-key], #side [data-key]", "key"));
  dialog.querySelector("#single-keys").checked = enabled();
}, true);

document.addEventListener("change", (event) => {
  if (event.target.id === "single-keys") store.set(SWITCH, event.target.checked ? null : false);
});
