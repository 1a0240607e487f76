// Single-key shortcuts that stay out of the way: not while writing, never with a modifier, and off when switched off.

const KEPT_AT = "mixtrial.shortcuts";

/** `actions`: {key: handler}; keys as `event.key`, letters in lower case. Returns {isOn(), set(on)}. */
export function bindShortcuts(actions, { storage = localStorage } = {}) {
  let on = readFlag(storage);
  document.addEventListener("keydown", (event) => {
    if (!on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = actions[key];
    if (!action || isTakenBy(event.target, key)) return;
    event.preventDefault();
    if (!event.repeat || key.startsWith("Arrow")) action();
  });
  return {
    isOn: () => on,
    set(value) {
      on = value;
      writeFlag(storage, value);
    },
  };
}

// Whether the focused control needs this key itself.
function isTakenBy(target, key) {
  const type = target.type ?? "";
  if (target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName)) return true;
  if (target.tagName === "INPUT" && !["radio", "checkbox", "range"].includes(type)) return true;
  if (key.startsWith("Arrow")) return type === "radio" || type === "range";
  if (key !== " ") return false;
  if (type === "radio") return !target.checked;
  return type === "checkbox" || ["BUTTON", "A", "SUMMARY"].includes(target.tagName);
}

function readFlag(storage) {
  try {
    return storage.getItem(KEPT_AT) !== "off";
  } catch {
    return true;
  }
}

function writeFlag(storage, on) {
  try {
    storage.setItem(KEPT_AT, on ? "on" : "off");
  } catch {
    return;
  }
}
