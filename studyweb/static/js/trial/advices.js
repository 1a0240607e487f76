// The two pieces of advice side by side, as plain text, and what each does to the faders once it can be heard.

import { dbText, element, say } from "./text.js";

const RANGE_DB = 12;

/**
 * Draws the cards into `place`. `texts`: {A, B}. `conditions`: null before the reading is over, else the released
 * versions. `stems`: [{name, label}]. `onFlag(slot, on)`: the producer says that the faders are not what the text says.
 */
export function renderAdvices(place, { texts, conditions, stems, onFlag }) {
  place.hidden = !texts;
  if (!texts) return;
  place.replaceChildren(...["A", "B"].map((slot) => renderCard(slot, texts[slot], conditions, stems, onFlag)));
}

/** Marks the card whose version plays. */
export function markPlaying(place, version) {
  for (const card of place.querySelectorAll(".advice")) card.classList.toggle("is-playing", card.dataset.slot === version);
}

/** Whether both versions can be heard: if one of the two cannot be read, neither is auditioned. */
export function canBeHeard(conditions) {
  return conditions !== null && ["A", "B"].every((slot) => conditions[slot]?.readable);
}

function renderCard(slot, text, conditions, stems, onFlag) {
  const title = element("h2", { class: "advice-title", id: `advice-${slot}` });
  title.append(element("span", { class: "slot-letter", "data-slot": slot, "aria-hidden": "true" }, slot));
  title.append(element("span", { class: "visually-hidden" }, say("advice_slot", { slot })));
  const card = element("article", { class: "advice", "data-slot": slot, "aria-labelledby": title.id }, title);
  const quote = element("div", { class: "advice-text", dir: "auto", lang: "en" });
  for (const paragraph of text.split(/\n+/)) quote.append(element("p", {}, paragraph));
  card.append(quote);
  if (canBeHeard(conditions)) card.append(renderApplied(slot, conditions, stems, onFlag));
  return card;
}

function renderApplied(slot, conditions, stems, onFlag) {
  const condition = conditions[slot];
  const box = element("div", { class: "applied" }, element("h3", { class: "applied-title" }, say("applied", { slot })));
  const gains = stems.map((stem) => condition.gains_db[stem.name] ?? 0);
  box.append(element("ul", { class: "strip" }, ...stems.map((stem, index) => renderFader(stem, gains[index]))));
  if (gains.every((gain) => gain === 0)) box.append(element("p", { class: "advice-note" }, say("nothing_to_change")));
  else if (Math.abs(condition.trim_db) >= 0.05) {
    const level = dbText(Math.round(condition.trim_db * 10) / 10);
    box.append(element("p", { class: "advice-note" }, say("trimmed", { level })));
  }
  box.append(renderFlag(slot, onFlag));
  return box;
}

function renderFader(stem, gainDb) {
  const cap = element("span", { class: "fader-cap" });
  const share = Math.max(-1, Math.min(1, gainDb / RANGE_DB));
  cap.style.setProperty("--share", share.toFixed(3));
  return element(
    "li",
    { class: gainDb === 0 ? "fader" : "fader is-moved" },
    element("span", { class: "fader-track", "aria-hidden": "true" }, cap),
    element("span", { class: "fader-name" }, stem.label, " "),
    element("span", { class: "fader-level number" }, dbText(gainDb)),
  );
}

function renderFlag(slot, onFlag) {
  const button = element("button", {
    type: "button",
    class: "link-button flag",
    "aria-pressed": "false",
    onclick: () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      button.textContent = say(on ? "not_the_text_thanks" : "not_the_text");
      onFlag(slot, on);
    },
  });
  button.textContent = say("not_the_text");
  return button;
}
