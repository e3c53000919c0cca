// Quick replies: `/` and a shortcut in an answer offer them (data-scripts="where they are"), and data-copies="#id" copies a text.
import { toast } from "./feedback.js";
import { word } from "./words.js";

// `、` is what the key gives while a Chinese keyboard is on
const CALL = /(?:^|\s)([/、]([^\s/、]*))$/;
let open = null; // { field, list }: the list that stands at a field
let asking = null; // the field whose list is on its way
let number = 0;

const options = () => [...open.list.children].filter((option) => !option.hidden);
const chosen = () => open.list.querySelector('[aria-selected="true"]');

function called(field) {
  if (field.selectionStart !== field.selectionEnd) return null;
  return CALL.exec(field.value.slice(0, field.selectionStart));
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches?.("textarea[data-scripts]")) return;
  if (!called(field)) return close();
  if (open?.field === field) narrow();
  else if (asking !== field) show(field);
});

async function show(field) {
  close();
  asking = field;
  const response = await fetch(field.dataset.scripts, { headers: { Accept: "text/html" } }).catch(() => null);
  const text = response?.ok && !response.redirected ? await response.text() : "";
  asking = null;
  const list = new DOMParser().parseFromString(text, "text/html").querySelector(".picks");
  // meanwhile one may have typed on, or left
  if (!list || !field.isConnected || document.activeElement !== field || !called(field)) return;
  open = { field, list };
  list.id = "script-picks";
  for (const option of list.children) option.id = `script-pick-${number++}`;
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-autocomplete", "list");
  field.parentElement.append(list);
  narrow();
}

// a shortcut that begins so comes before a title that merely has the word
function narrow() {
  const sought = called(open.field)[2].toLowerCase();
  const rank = ({ dataset, textContent }) => {
    if (dataset.shortcut === sought) return 0;
    if (dataset.shortcut.startsWith(sought)) return 1;
    return textContent.toLowerCase().includes(sought) ? 2 : 3;
  };
  const sorted = [...open.list.children].sort((a, b) => rank(a) - rank(b) || a.id.localeCompare(b.id, "en", { numeric: true }));
  for (const option of sorted) option.hidden = rank(option) === 3;
  open.list.append(...sorted);
  open.list.hidden = !options().length;
  choose(options()[0]);
}

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) open.field.setAttribute("aria-activedescendant", option.id);
  else open.field.removeAttribute("aria-activedescendant");
}

function step(by) {
  const all = options();
  choose(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
}

function close() {
  if (!open) return;
  open.list.remove();
  for (const name of ["aria-controls", "aria-autocomplete", "aria-activedescendant"]) open.field.removeAttribute(name);
  open = null;
}

// What nobody knew stands in its braces still: it is selected, so that the next word typed replaces it.
function put(option) {
  const { field } = open;
  const { text } = option.dataset;
  const end = field.selectionStart;
  const start = end - called(field)[1].length;
  close();
  field.setRangeText(text, start, end, "end");
  const left = /\{\w+\}/.exec(text);
  if (left) field.setSelectionRange(start + left.index, start + left.index + left[0].length);
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const keys = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  Enter: () => put(chosen()),
  Tab: () => put(chosen()),
  Escape: () => close(),
};

// in the capturing phase: the list hears the key before the page does
document.addEventListener("keydown", (event) => {
  if (!open || event.target !== open.field || !options().length) return;
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !keys[event.key]) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  keys[event.key]();
}, true);

// pressing on a choice must not take the focus from the answer first
document.addEventListener("mousedown", (event) => {
  const option = open && event.target.closest?.("#script-picks [role=option]");
  if (!option) return;
  event.preventDefault();
  put(option);
});

document.addEventListener("focusout", (event) => {
  if (event.target === open?.field) close();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copies]");
  if (button) copy(document.querySelector(button.dataset.copies)?.textContent ?? "");
});

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copyPlainly(text)) return toast(word("notCopied"), "bad");
  }
  toast(word("copied"), "good");
}

// plain http on a local network has no clipboard of its own
function copyPlainly(text) {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}
