// The page's words, translated on the server, and small builders of elements. Text is always set as text.

const words = JSON.parse(document.getElementById("trial-words").textContent);

/** A translated phrase with its {placeholders} filled. */
export function say(key, values = {}) {
  if (!(key in words)) throw new RangeError(`no phrase called ${key}`);
  return words[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** An element: element("p", {class: "x", onclick: f}, "text", child, ...). */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") made.toggleAttribute(name, value);
    else if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** A level as people write it: +3, −1.5, 0 dB. */
export function dbText(db) {
  const size = Math.abs(db);
  const number = Number.isInteger(size) ? String(size) : size.toFixed(1);
  return `${db > 0 ? "+" : db < 0 ? "\u2212" : ""}${number} dB`;
}

/** A difference in loudness: +0.4, −0.2, 0. */
export function luText(lu) {
  return dbText(lu).replace(" dB", "");
}

let politely = null;

/** Says something to screen readers without moving the focus. */
export function announce(text) {
  politely ??= document.getElementById("announcer");
  politely.textContent = "";
  requestAnimationFrame(() => {
    politely.textContent = text;
  });
}
