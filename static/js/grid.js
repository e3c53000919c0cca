// The week's grid: arrows and Enter move as in a spreadsheet, a changed cell saves itself. Without this script the form saves all of it.
import { newKey } from "./words.js";

const table = () => document.querySelector("table[data-grid]");
const cells = (row) => [...row.querySelectorAll("td")];
const unsent = new Map(); // cells without a connection → what they shall say
const waiting = new Map(); // cells whose turn has not come yet → what they shall say
let saving = Promise.resolve();

function beside(input, down, right) {
  const cell = input.closest("td");
  const row = cell.parentElement;
  const place = cells(row).indexOf(cell) + right;
  const rows = [...row.parentElement.children];
  for (let next = rows.indexOf(row) + down; next >= 0 && next < rows.length; next += down) {
    const found = cells(rows[next])[place]?.querySelector("input");
    if (found || !down) return found;
  }
  return null;
}

// Arrows leave a text field sideways only at its edge, so that a word can still be corrected.
function step(event, input) {
  const atStart = input.selectionStart === 0 && input.selectionEnd === 0;
  const whole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
  const atEnd = input.selectionStart === input.value.length;
  const rtl = getComputedStyle(input).direction === "rtl" ? -1 : 1;
  if (event.key === "Enter") return [event.shiftKey ? -1 : 1, 0];
  if (event.key === "ArrowDown") return [1, 0];
  if (event.key === "ArrowUp") return [-1, 0];
  if (event.key === "ArrowRight" && (atEnd || whole)) return [0, rtl];
  if (event.key === "ArrowLeft" && (atStart || whole)) return [0, -rtl];
  return null;
}

// A cell that is being typed in again stays, and leaving it saves it once more; its name says what it was typed over.
function typedSince(cell, value, now) {
  const field = cell.querySelector("input");
  if (!field || field !== document.activeElement || field.value === value) return false;
  field.name = now.querySelector("input")?.name ?? field.name;
  return true;
}

function put(text, source, value) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  let taken = false;
  for (const template of fresh.querySelectorAll("template[data-for]")) {
    const old = document.getElementById(template.dataset.for);
    const now = template.content.firstElementChild;
    if (!old || !now) continue;
    taken = true;
    if (typedSince(old, value, now)) continue;
    const focused = old.contains(document.activeElement);
    old.replaceWith(now);
    if (focused) now.querySelector("input")?.select();
  }
  const said = fresh.querySelector("template[data-said]");
  if (said) document.getElementById("toasts").replaceChildren(said.content);
  if (!taken) source.closest("td")?.classList.add("wrong");
}

async function save(input, value) {
  const grid = table();
  const body = new FormData();
  body.set(input.name, value);
  body.set("csrfmiddlewaretoken", input.form.elements.csrfmiddlewaretoken.value);
  input.closest("td").setAttribute("aria-busy", "true");
  const headers = { "HX-Request": "true", "HX-Request-Type": "partial", "Idempotency-Key": newKey() };
  try {
    const response = await fetch(grid.dataset.saves, { method: "POST", headers, body, keepalive: true });
    put(await response.text(), input, value);
    unsent.delete(input.closest("td").id);
  } catch {
    unsent.set(input.closest("td").id, value);
    input.closest("td")?.classList.add("wrong");
  } finally {
    input.closest("td")?.removeAttribute("aria-busy");
  }
}

document.addEventListener("keydown", (event) => {
  const input = event.target.closest?.("table[data-grid] input");
  if (!input || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  if (event.key === "Escape") {
    if (input.value === input.defaultValue) return; // nothing to take back: it leaves the field, as everywhere
    input.value = input.defaultValue;
    input.select();
    return;
  }
  const move = step(event, input);
  if (!move) return;
  event.preventDefault();
  const next = beside(input, ...move);
  if (next) next.focus();
  else {
    input.blur(); // at the edge it is saved and stays where it is
    input.focus();
  }
});

document.addEventListener("focusin", (event) => event.target.closest?.("table[data-grid] input")?.select());

// one after the other: a cell that is changed twice says what it was the second time
document.addEventListener("change", (event) => {
  const id = event.target.closest?.("table[data-grid] td")?.id;
  if (!id) return;
  queue(id, event.target.value);
});

function queue(id, value) {
  waiting.set(id, value);
  saving = saving.then(() => send(id));
}

function send(id) {
  const input = document.querySelector(`#${id} input`);
  const value = waiting.get(id);
  return waiting.delete(id) && input && save(input, value);
}

// leaving the page takes along what has not had its turn
addEventListener("pagehide", () => [...waiting.keys()].forEach(send));

addEventListener("online", () => {
  for (const [id, value] of unsent) queue(id, value);
});

// a narrow screen shows two days of seven: begin with today
const wrap = document.querySelector(".week-wrap");
const today = wrap?.querySelector("thead th.today");
if (today && wrap.scrollWidth > wrap.clientWidth) {
  const gone = today.getBoundingClientRect().left - wrap.getBoundingClientRect().left - wrap.querySelector("thead th").offsetWidth;
  wrap.scrollBy({ left: gone });
}
