// Telling: toasts in the corner, and the bar under the bar when something is not sent.
import { word } from "./words.js";

const SHORT = 6000;
const LONGER = 15000; // what can still be undone, or opened
const MOST = 4;
const corner = document.getElementById("toasts");

export function toast(text, tone = "") {
  const template = document.getElementById(`toast-${tone || "plain"}`);
  const element = template?.content.firstElementChild?.cloneNode(true);
  if (!element) return;
  element.querySelector("p").textContent = text;
  corner.append(element);
}

// Not from under the pointer, nor with the focus in it.
function leave(element) {
  if (element.matches(":hover, :focus-within")) setTimeout(() => leave(element), SHORT);
  else element.remove();
}

// Also those that the server sent. Good news goes by itself; a refusal stays until it is read away, or three newer ones push it out.
function arrange() {
  for (const element of corner.children) {
    if (element.dataset.timed || element.matches(".bad, .warn")) continue;
    element.dataset.timed = "yes";
    setTimeout(() => leave(element), element.querySelector("form, a") ? LONGER : SHORT);
  }
  while (corner.children.length > MOST) corner.firstElementChild.remove();
}

if (corner) {
  new MutationObserver(arrange).observe(corner, { childList: true });
  arrange();
}

export function button(label, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button small";
  element.textContent = label;
  element.addEventListener("click", act);
  return element;
}

// The bar has lines by name ("request", "outbox", …), each with text, buttons and perhaps a list; it hides when none is left.
const lines = new Map();

export function say(name, text, buttons = [], items = []) {
  lines.set(name, { text, buttons, items });
  draw();
}

export function unsay(name) {
  if (lines.delete(name)) draw();
}

function draw() {
  const bar = document.getElementById("connection");
  if (!bar) return;
  bar.replaceChildren();
  for (const { text, buttons, items } of lines.values()) {
    const line = document.createElement("span");
    line.textContent = text;
    bar.append(line, ...buttons);
    if (items.length) {
      const list = document.createElement("ul");
      list.append(...items);
      bar.append(list);
    }
  }
  bar.hidden = lines.size === 0;
}

addEventListener("offline", () => say("offline", word("offline")));
addEventListener("online", () => unsay("offline"));
