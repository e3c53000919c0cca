// A barcode scanner is a keyboard that types faster than anybody and ends with Enter, wherever the focus is. What it typed belongs into the
// field for it; on a page that counts it must not sign what is half counted, so there it only leads to where it may be opened.
const GAP = 40; // milliseconds between two of its keys, at most
const LEAST = 6;

const burst = { text: "", at: 0, field: null, before: "" };

function note(event) {
  const quick = event.timeStamp - burst.at < GAP;
  burst.at = event.timeStamp;
  if (event.key.length !== 1) return quick;
  if (!quick || !burst.text) Object.assign(burst, { text: "", field: event.target, before: event.target.value });
  burst.text += event.key;
  return quick;
}

function scanned(text) {
  const { field, before } = burst;
  if (before !== undefined && field.value !== before) {
    field.value = before;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const scan = document.getElementById("scan");
  if (scan) {
    scan.value = text;
    return scan.form.requestSubmit();
  }
  const found = document.getElementById("scanned");
  const link = found.querySelector("a");
  link.href = `${link.dataset.desk}?q=${encodeURIComponent(text)}`;
  link.textContent = text;
  found.hidden = false;
  found.scrollIntoView({ block: "center" });
}

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.id === "scan") return;
  const quick = note(event);
  const field = event.target.matches?.("input:not([type=password]), textarea");
  if (event.key !== "Enter") {
    if (quick && !field && event.key.length === 1) event.stopPropagation(); // no key of the page
    return;
  }
  const text = quick && burst.text.length >= LEAST ? burst.text : "";
  burst.text = "";
  if (text) {
    stop(event);
    scanned(text);
  } else if (event.target.matches?.("#counting input:not([type=password])")) stop(event); // Enter alone signs nothing
}, true);
