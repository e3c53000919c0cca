// Relative times go on without the server: "5 min ago", and due chips that turn from later to soon to overdue.
import { word } from "./words.js";

const language = document.documentElement.lang;
const SOON = 3600;
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

function unitOf(seconds) {
  return UNITS.find(([, size]) => seconds >= size * 1.5) ?? UNITS.at(-1);
}

function ago(seconds) {
  if (Math.abs(seconds) < 60) return word("justNow");
  const [unit, size] = unitOf(Math.abs(seconds));
  return new Intl.RelativeTimeFormat(language, { style: "short", numeric: "always" }).format(Math.round(seconds / size), unit);
}

function span(seconds) {
  const [unit, size] = unitOf(seconds);
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(Math.max(Math.round(seconds / size), 1));
}

function due(element, left) {
  const state = left <= 0 ? "overdue" : left <= SOON ? "soon" : "later";
  if (state === "later") return;
  if (!element.classList.contains(state)) {
    element.classList.remove("overdue", "soon", "later");
    element.classList.add(state);
    const icon = document.getElementById(`due-${state}`)?.content.firstElementChild;
    if (icon) element.querySelector("svg")?.replaceWith(icon.cloneNode(true));
  }
  set(element.querySelector("span"), state === "overdue" ? word("overdue", { span: span(-left) }) : word("in", { span: span(left) }));
}

function set(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function refresh() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("time[data-relative], time[data-due]")) {
    const seconds = (Date.parse(element.dateTime) - Date.now()) / 1000;
    if ("due" in element.dataset) due(element, seconds);
    else set(element, ago(seconds));
  }
}

setInterval(refresh, 20000);
document.addEventListener("visibilitychange", refresh);
