// What the scripts say, in the page's language (templates/_parts/words.html), and who is signed in here.
const source = document.getElementById("words")?.dataset ?? {};

export function word(name, values = {}) {
  return (source[name] ?? name).replace(/%\((\w+)\)s/g, (whole, key) => values[key] ?? whole);
}

// Desks are shared between shifts: whatever is kept in the browser is kept under its person.
export const person = () => document.body.dataset.member ?? "nobody";

export const time = (at) => new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false }).format(at);

export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // plain http on a local network has no randomUUID
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return bytes.map((b) => b.toString(16).padStart(2, "0")).join("").replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// Storage may be full, or forbidden: then nothing is kept, and nothing else breaks.
export const store = {
  get(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      if (value == null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
  keys: (prefix) => {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    } catch {
      return [];
    }
  },
};
