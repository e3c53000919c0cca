// Counting: what is found broken, opened or wrong comes off “ok”; what the numbers do not explain is missing.
const NAMES = ["ok", "opened", "damaged", "wrong", "missing"];

function fields(line) {
  return Object.fromEntries(NAMES.map((name) => [name, line.querySelector(`input[name^="${name}-"]`)]));
}

const value = (field) => Math.max(Number.parseInt(field.value, 10) || 0, 0);

function reckon(line, { typed }) {
  const expected = Number(line.dataset.count);
  const found = fields(line);
  const others = NAMES.filter((name) => name !== "ok").reduce((sum, name) => sum + value(found[name]), 0);
  if (typed === found.ok) {
    const rest = expected - value(found.ok) - (others - value(found.missing));
    found.missing.value = Math.max(rest, 0);
  } else {
    found.ok.value = Math.max(expected - others, 0);
  }
  const sum = NAMES.reduce((total, name) => total + value(found[name]), 0);
  line.classList.toggle("off", sum !== expected);
}

document.addEventListener("input", ({ target }) => {
  const line = target.closest?.("[data-count]");
  if (line && target.matches('.counts input[type="number"]')) reckon(line, { typed: target });
});

// On a slow line somebody counts before this is here: what they pressed until then comes off “ok” as well.
for (const line of document.querySelectorAll("[data-count]")) {
  const typed = Object.values(fields(line)).find((field) => field.value !== field.defaultValue);
  if (typed) reckon(line, { typed });
}
