// <section id="x" data-live="url">: loads itself anew (conditionally) when something happened in the team, and morphs.
// One question a page every 1.2 seconds, the pulse (handover/shell/pulse.py), says what happened; data-live-on="ticket-7 note" narrows
// it to some rooms or subjects. data-live-every="1" asks by itself in that rhythm, for what no ledger row tells (who is typing).
// All of it rests while the page is hidden, and never touches a form that is being typed in.
const regions = new Map();
const SLOWEST = 30000;
const BEAT = 1200; // many pages hear of the same thing, each in its own beat: that spreads what they ask for then
const SLACK = 1; // seconds: an answer may be repeated for 0.2, and a row is written before it is committed
const OWED = 5000; // what had to wait for a sentence is tried again
const QUIET = 60000; // with a pulse, a region still looks once a minute: time itself changes some of them
const pulse = { url: document.body.dataset.pulse, etag: null, seen: null, wait: BEAT, timer: 0, asking: false };
const EDITABLE = "input:not([type=checkbox], [type=radio], [type=hidden], [type=button], [type=submit]), textarea, select, [contenteditable]";

function every(region) {
  if (region.dataset.liveEvery) return 1000 * Number(region.dataset.liveEvery);
  return pulse.url ? QUIET : BEAT;
}

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
  if (!state) return;
  if (state.asking) return (state.again = true); // the answer under way may be older than the news
  if (!region.isConnected || !region.dataset.live) return regions.delete(region);
  if (document.hidden) return;
  Object.assign(state, { asking: true, again: false, overtaken: false });
  try {
    const headers = { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": region.id, Accept: "text/html" };
    if (state.etag) headers["If-None-Match"] = state.etag;
    const response = await fetch(region.dataset.live, { headers, cache: "no-store" });
    if (response.redirected || [401, 403, 404].includes(response.status)) return regions.delete(region);
    const text = response.status === 200 ? await response.text() : null;
    if (state.overtaken) state.again = true;
    const shown = text === null || state.overtaken || (await swap(region, state, text, response.headers.get("ETag")));
    if (response.status >= 500) state.wait = Math.min(2 * state.wait, SLOWEST);
    else state.wait = Math.min(every(region), shown ? QUIET : OWED); // the answer may ask for another rhythm
  } catch {
    state.wait = Math.min(2 * state.wait, SLOWEST);
  } finally {
    state.asking = false;
  }
  if (state.again) poll(region);
  else later(region);
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

// What is new since the last beat, at the first one since the page was asked for: a set of topics, or null for "anything" (more rows than
// the answer holds).
function news(rows) {
  const before = pulse.seen;
  const young = performance.now() / 1000 + SLACK;
  pulse.seen = new Set(rows.map(([number]) => number));
  const fresh = rows.filter(([number, , age]) => (before ? !before.has(number) : age < young));
  return before && fresh.length && fresh.length === rows.length ? null : new Set(fresh.flatMap(([, topics]) => topics));
}

function wake(topics) {
  for (const region of regions.keys()) {
    const wanted = region.dataset.liveOn?.split(" ");
    if (!topics || !wanted || wanted.some((topic) => topics.has(topic))) poll(region);
  }
}

async function beat() {
  clearTimeout(pulse.timer);
  if (!pulse.url || pulse.asking || document.hidden) return;
  pulse.asking = true;
  try {
    const response = await fetch(pulse.url, { headers: pulse.etag ? { "If-None-Match": pulse.etag } : {}, cache: "no-store" });
    if (response.status === 403) pulse.url = null; // the page is older than a shift: its regions go on by themselves
    pulse.wait = response.status < 500 ? BEAT : Math.min(2 * pulse.wait, SLOWEST);
    if (response.status === 200) {
      const topics = news(await response.json());
      pulse.etag = response.headers.get("ETag");
      wake(topics);
    }
  } catch {
    pulse.wait = Math.min(2 * pulse.wait, SLOWEST);
  } finally {
    pulse.asking = false;
  }
  pulse.timer = setTimeout(beat, pulse.wait * (0.9 + Math.random() * 0.2));
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  now();
  beat();
});
// What a deed of this page showed is newer than an answer that was asked for before it, which would draw the page back for a moment.
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  if (ctx.request) for (const state of regions.values()) state.overtaken = true;
});
document.addEventListener("htmx:after:settle", find);
document.addEventListener("handover:sent", now);
addEventListener("online", () => {
  now();
  beat();
});
find();
beat();
