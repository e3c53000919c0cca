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
