// The tour's ticks: kept in this browser, each person's own.
import { person, store } from "./words.js";

const KEY = `tour:${person()}`;
const boxes = [...document.querySelectorAll("[data-tour-step]")];

// How far one is, beside each tour that shows it.
function count() {
  for (const bar of document.querySelectorAll(".tour-progress progress")) {
    bar.value = bar.closest("section").querySelectorAll("[data-tour-step]:checked").length;
  }
}

function show() {
  const done = new Set(store.get(KEY) ?? []);
  for (const box of boxes) box.checked = done.has(box.dataset.tourStep);
  count();
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-tour-step]")) return;
  store.set(KEY, boxes.filter((box) => box.checked).map((box) => box.dataset.tourStep));
  count();
});
// another tab ticked one, or the browser brings the page back as it was left
addEventListener("storage", (event) => event.key === KEY && show());
addEventListener("pageshow", show);
show();
