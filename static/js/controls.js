// Small controls: dialogs, confirmations, steppers, menus, the colours.
import { word } from "./words.js";

const actions = {
  opens(element) {
    const dialog = document.querySelector(element.dataset.opens);
    if (!dialog || dialog.open) return;
    element.closest("details.menu")?.removeAttribute("open");
    dialog.showModal();
    dialog.querySelector("[autofocus], form :is(input:not([type=hidden]), select, textarea)")?.focus();
  },
  closes: (element) => element.closest("dialog")?.close(),
  dismiss: (element) => element.closest(".toast")?.remove(),
  step(element) {
    const field = element.closest(".stepper").querySelector("input");
    if (element.dataset.step > 0) field.stepUp();
    else field.stepDown();
    for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  },
  themeChoice(element) {
    const choice = element.dataset.themeChoice;
    document.documentElement.dataset.theme = choice;
    document.cookie = `theme=${choice}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
    for (const other of document.querySelectorAll("[data-theme-choice]")) other.setAttribute("aria-pressed", String(other === element));
  },
};

document.addEventListener("click", (event) => {
  for (const [name, act] of Object.entries(actions)) {
    const element = event.target.closest(`[data-${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}]`);
    if (element && !element.disabled) act(element);
  }
  // outside of a menu, or on the veil behind a dialog: close it
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.removeAttribute("open");
  if (event.target.matches("dialog[open]:not([data-stay])") && outside(event)) event.target.close();
});

function outside({ target, clientX, clientY }) {
  const box = target.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  menu?.removeAttribute("open");
  if (menu?.contains(document.activeElement)) menu.querySelector("summary").focus();
});

// data-confirm: asked before htmx or the browser hears of the submit (we listen in the capturing phase)
const agreed = new WeakSet();

function ask(question, then) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("p").textContent = question;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && then(), { once: true });
  dialog.showModal();
  dialog.querySelector("[value=no]").focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.confirm || agreed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(form.dataset.confirm, () => {
    agreed.add(form);
    form.requestSubmit(event.submitter);
  });
}, true);

// leaving a page never asks: what is typed is kept. Only a file that was chosen is lost, so only then.
addEventListener("beforeunload", (event) => {
  const chosen = [...document.querySelectorAll("form:not([aria-busy]) input[type=file]")].some((field) => field.files.length);
  if (chosen) event.returnValue = word("failed");
});
