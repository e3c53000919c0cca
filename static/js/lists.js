// Walking rows: [data-list] > [data-row], over all lists of the page in reading order.
const rows = () => [...document.querySelectorAll("main [data-list] [data-row], #lookup_results [data-row]")].filter((row) => row.offsetParent !== null || row.getClientRects().length);

export const currentRow = () => document.activeElement?.closest?.("[data-row]") ?? null;

export function step(by) {
  const all = rows();
  if (!all.length) return false;
  const here = all.indexOf(currentRow());
  const row = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1)];
  if (!row.hasAttribute("tabindex")) row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  return true;
}

export function open() {
  const row = currentRow();
  if (!row || row !== document.activeElement) return false;
  const link = row.querySelector("[data-open]");
  link?.click();
  return Boolean(link);
}

export function tick() {
  const box = currentRow()?.querySelector("input[type=checkbox]:not(:disabled)");
  box?.click();
  return Boolean(box);
}

// Ticked rows: how many there are stands beside what can be done to them; the box above them ticks all that are shown.
const boxes = () => [...document.querySelectorAll("main [data-row] input[type=checkbox][form]")];

function counted() {
  const [all, ticked] = [boxes(), boxes().filter((box) => box.checked)];
  for (const place of document.querySelectorAll("[data-ticked]")) place.textContent = ticked.length;
  for (const box of document.querySelectorAll("[data-tick-all]")) {
    box.checked = ticked.length > 0 && ticked.length === all.length;
    box.indeterminate = ticked.length > 0 && ticked.length < all.length;
  }
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("[data-tick-all], [data-row] input[type=checkbox][form]")) return;
  if (target.matches("[data-tick-all]")) for (const box of boxes()) box.checked = target.checked;
  counted();
});
document.addEventListener("htmx:after:settle", counted);
addEventListener("pageshow", counted); // ticks of a page one comes back to
