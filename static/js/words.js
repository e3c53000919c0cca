// What the scripts say, in the page's language: templates/_parts/words.html.
const source = document.getElementById("words")?.dataset ?? {};

export function word(name, values = {}) {
  return (source[name] ?? name).replace(/%\((\w+)\)s/g, (whole, key) => values[key] ?? whole);
}
