// Pictures and PDFs for a ticket: chosen, dropped on its page or pasted. Who sends them sees how far they are; if one is refused, the
// others need not be chosen again.
import { formOf } from "./requests.js";
import { word } from "./words.js";

const FIELD = "input[type=file][data-most]";
let coming = []; // files for a form that is not there yet
let refused = null; // the files of a form that comes back without them

const field = () => document.querySelector(FIELD);
const opener = () => document.querySelector("[data-takes-files]");

function weight(bytes) {
  const [unit, count] = bytes < 2 ** 20 ? ["kilobyte", Math.ceil(bytes / 1024)] : ["megabyte", bytes / 2 ** 20];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: 1 }).format(count);
}

function put(into, files) {
  const bag = new DataTransfer();
  for (const file of files) bag.items.add(file);
  into.files = bag.files;
  into.dispatchEvent(new Event("change", { bubbles: true }));
}

function take(files) {
  const here = field();
  if (here && !here.form.hasAttribute("aria-busy")) return put(here, [...here.files, ...files]);
  coming.push(...files);
  opener().click();
}

document.addEventListener("htmx:after:settle", () => {
  const here = field();
  if (!here || here.form.hasAttribute("aria-busy")) return;
  if (refused && refused.from !== here) coming.unshift(...refused.files);
  refused = null;
  if (coming.length) put(here, [...here.files, ...coming.splice(0)]);
});

// Dropped on the page; elsewhere the browser would leave the page to show the file.
const carries = (event) => opener() && event.dataTransfer?.types.includes("Files");
const mark = (over) => document.getElementById("files")?.toggleAttribute("data-over", over);

document.addEventListener("dragover", (event) => {
  if (!carries(event)) return;
  event.preventDefault();
  mark(true);
});
document.addEventListener("dragleave", (event) => event.relatedTarget || mark(false));
document.addEventListener("drop", (event) => {
  if (!carries(event)) return;
  event.preventDefault();
  mark(false);
  take(event.dataTransfer.files);
});

// A cell of a spreadsheet is text and a picture of the text: then the text is meant.
document.addEventListener("paste", (event) => {
  const { files, types } = event.clipboardData;
  if (!opener() || !files.length || types.includes("text/plain")) return;
  event.preventDefault();
  take(files);
});

// What is chosen, each with a way out of it.
document.addEventListener("change", ({ target }) => {
  if (!target.matches?.(FIELD)) return;
  const { files, dataset } = target;
  target.setCustomValidity(files.length > dataset.most ? word("tooMany", { most: dataset.most }) : "");
  let list = target.parentElement.querySelector(".chosen");
  if (!list) {
    list = Object.assign(document.createElement("ul"), { className: "chosen" });
    list.setAttribute("aria-live", "polite");
    target.after(list);
  }
  list.replaceChildren(...[...files].map((file) => line(target, file)));
});

function line(here, file) {
  const item = document.createElement("li");
  const name = Object.assign(document.createElement("span"), { textContent: file.name, dir: "auto" });
  const size = Object.assign(document.createElement("span"), { textContent: weight(file.size), className: "muted small" });
  const out = Object.assign(document.createElement("button"), { type: "button", className: "button plain small", textContent: "×" });
  out.setAttribute("aria-label", word("leaveOut", { name: file.name }));
  out.addEventListener("click", () => {
    put(here, [...here.files].filter((other) => other !== file));
    here.focus();
  });
  item.append(name, " ", size, out);
  return item;
}

// `fetch` cannot tell how much of a body has left; what it gives htmx is given here as well.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const here = formOf(ctx)?.querySelector(FIELD);
  if (!here?.files.length) return;
  const files = [...here.files];
  ctx.fetch = async (url, request) => {
    const answer = await send(url, request, shown(here));
    refused = answer.status >= 400 ? { files, from: here } : null;
    return answer;
  };
});

function shown(here) {
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  bar.setAttribute("aria-label", word("sending"));
  here.parentElement.querySelector("progress")?.remove();
  here.parentElement.append(bar);
  return bar;
}

function send(url, request, bar) {
  return new Promise((done, fail) => {
    const asked = new XMLHttpRequest();
    asked.open(request.method, url);
    for (const [name, value] of Object.entries(request.headers)) asked.setRequestHeader(name, value);
    asked.upload.addEventListener("progress", ({ loaded, total }) => (bar.value = loaded / total));
    asked.addEventListener("load", () => done(answered(asked, url)));
    for (const name of ["error", "abort"]) asked.addEventListener(name, () => {
      bar.remove();
      fail(new TypeError("not sent"));
    });
    request.signal?.addEventListener("abort", () => asked.abort());
    asked.send(request.body);
  });
}

function answered(asked, url) {
  const lines = asked.getAllResponseHeaders().trim().split(/[\r\n]+/).filter(Boolean);
  const headers = lines.map((text) => [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 1).trim()]);
  const answer = new Response([204, 304].includes(asked.status) ? null : asked.responseText, { status: asked.status, headers });
  const there = new URL(url, location).href;
  return Object.defineProperties(answer, { url: { value: asked.responseURL }, redirected: { value: asked.responseURL !== there } });
}
