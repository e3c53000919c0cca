// Focus never falls off the page: after a swap it goes to what asked for it, to the first field that is wrong, to its old place, or to
// the part that changed.
let before = null;

// A deed done by its key while nothing had the focus: its button takes it, so that there is a place to come back to.
document.addEventListener("htmx:before:request", (event) => {
  const source = event.detail.ctx.sourceElement;
  if (lost() && source.matches("form, a, button")) (source.querySelector("button") ?? source).focus({ preventScroll: true });
});

document.addEventListener("htmx:before:swap", () => {
  const element = document.activeElement;
  if (!element || element === document.body) return;
  const row = element.closest("[data-row]");
  const list = row?.closest("[data-list]");
  before = {
    element,
    id: element.id,
    name: element.name,
    key: element.dataset.key,
    region: element.closest("[id]:not(:focus)")?.id,
    list: list?.id,
    place: list ? [...list.querySelectorAll("[data-row]")].indexOf(row) : -1,
  };
});

document.addEventListener("htmx:after:settle", (event) => {
  const wanted = event.target.matches?.("[data-focus]") ? event.target : event.target.querySelector?.("[data-focus]");
  // A line that opened itself does not call back a reader who has gone on to the next one meanwhile.
  const opened = wanted && event.detail?.newContent?.length === 1 && event.detail.newContent[0] === wanted;
  if (opened && !lost() && !wanted.contains(document.activeElement)) return;
  if (wanted) {
    focus(wanted);
    wanted.scrollIntoView({ block: "nearest" });
  } else if (before && !document.contains(before.element) && lost()) focus(next());
});

document.addEventListener("htmx:after:swap", () => (before = null));

const lost = () => !document.activeElement || document.activeElement === document.body;

function next() {
  const region = document.getElementById(before.region);
  const rows = before.list ? [...(document.getElementById(before.list)?.querySelectorAll("[data-row]") ?? [])] : [];
  return (
    region?.querySelector("[aria-invalid='true']") ??
    document.getElementById(before.id) ??
    (before.name && region?.querySelector(`[name="${CSS.escape(before.name)}"]`)) ??
    rows[Math.min(before.place, rows.length - 1)] ??
    (before.key && region?.querySelector(`[data-key="${CSS.escape(before.key)}"]`)) ??
    region ??
    document.getElementById("main")
  );
}

function focus(element) {
  const target = element || document.getElementById("main");
  if (!target) return;
  if (!target.matches("a[href], button, input, select, textarea, summary, [tabindex]")) target.tabIndex = -1;
  target.focus({ preventScroll: !target.matches("input, textarea") });
}

// a page that comes back as a whole because something in its form is wrong
if (lost()) document.querySelector("#main form:not([data-autosave]) [aria-invalid='true']")?.focus();
