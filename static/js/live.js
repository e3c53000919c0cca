// <section id="x" data-live="url" data-live-every="2">: asks whether anything changed (If-None-Match) and morphs itself when it did.
// It rests while the page is hidden, and never touches a form that is being typed in.
const regions = new Map();
const SLOWEST = 30000;
const EDITABLE = "input:not([type=checkbox], [type=radio], [type=hidden], [type=button], [type=submit]), textarea, select, [contenteditable]";

const every = (element) => 1000 * (Number(element.dataset.liveEvery) || 2);

function dirty(field) {
  if (field === document.activeElement) return true;
  if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected) && field.value !== "";
  return field.value !== field.defaultValue;
}

// Forms that keep what is typed are skipped by the morph when the new version has them too; otherwise the whole region waits.
function typing(region, text) {
  const open = [...region.querySelectorAll(EDITABLE)].filter((field) => field.closest("[data-live]") === region && dirty(field));
  if (!open.length) return { wait: false, forms: [] };
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const forms = [...new Set(open.map((field) => field.form))];
  return { wait: forms.some((form) => !form?.id || !region.contains(form) || !fresh.getElementById(form.id)), forms };
}

async function swap(region, state, text, etag) {
  const { wait, forms } = typing(region, text);
  if (wait) return false;
  for (const form of forms) form.setAttribute("hx-morph-skip", "");
  try {
    await window.htmx.swap({ sourceElement: region, target: region, swap: "outerMorph", text });
  } finally {
    for (const form of forms) form.removeAttribute("hx-morph-skip");
  }
  state.etag = etag;
  return true;
}

async function poll(region) {
  const state = regions.get(region);
  if (!state || state.asking) return;
  if (!region.isConnected || !region.dataset.live) return regions.delete(region);
  if (document.hidden) return;
  state.asking = true;
  try {
    const headers = { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": region.id, Accept: "text/html" };
    if (state.etag) headers["If-None-Match"] = state.etag;
    const response = await fetch(region.dataset.live, { headers, cache: "no-store" });
    if (response.redirected || [401, 403, 404].includes(response.status)) return regions.delete(region);
    state.wait = response.status < 500 ? every(region) : Math.min(2 * state.wait, SLOWEST);
    if (response.status === 200) await swap(region, state, await response.text(), response.headers.get("ETag"));
  } catch {
    state.wait = Math.min(2 * state.wait, SLOWEST);
  } finally {
    state.asking = false;
  }
  later(region);
}

function later(region) {
  const state = regions.get(region);
  if (!state) return;
  clearTimeout(state.timer);
  // a little chance keeps five hundred pages from asking in the same instant
  state.timer = setTimeout(() => poll(region), state.wait * (0.9 + Math.random() * 0.2));
}

function find() {
  for (const region of document.querySelectorAll("[data-live]")) {
    if (regions.has(region)) continue;
    regions.set(region, { wait: every(region), etag: region.dataset.liveEtag });
    later(region);
  }
}

export function now() {
  for (const [region, state] of regions) {
    state.wait = every(region);
    poll(region);
  }
}

document.addEventListener("visibilitychange", () => document.hidden || now());
document.addEventListener("htmx:after:settle", find);
document.addEventListener("handover:sent", now);
addEventListener("online", now);
find();
