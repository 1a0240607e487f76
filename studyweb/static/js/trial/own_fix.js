// The producer's own fix, before anything can be read: a fader for each stem, heard at once, brought back to the loudness
// of the mix as sent when the fader is let go.

import { conditionGains, dbToGain } from "../audio/gains.js";
import { announce, dbText, element, say } from "./text.js";

const RANGE_DB = 12;
const STEP_DB = 0.5;
const MOST_PEAK = dbToGain(-1);

/** Draws the faders of a question whose `stems` are [{name, label}]; its answer is JSON of gains in dB by stem. */
export function renderFaders(question, sheet, onAnswer) {
  const answered = sheet.value(question.name);
  const gains = answered ? JSON.parse(answered) : Object.fromEntries(question.stems.map((stem) => [stem.name, 0]));
  const legend = element("legend", { class: "question-prompt" }, question.prompt);
  const strip = element("div", { class: "own-faders" });
  const box = element("fieldset", { class: "question", "data-question": question.name }, legend, strip);
  const tell = (released) => box.dispatchEvent(new CustomEvent("faders", { bubbles: true, detail: { gains: { ...gains }, released } }));
  const moved = (stem, gainDb, released) => {
    gains[stem] = gainDb;
    onAnswer(question.name, JSON.stringify(gains));
    tell(released);
  };
  const columns = question.stems.map((stem) => renderFader(stem, gains[stem.name], moved));
  const leave = () => {
    columns.forEach((column) => column.set(0));
    question.stems.forEach((stem) => moved(stem.name, 0, true));
    announce(say("faders_left"));
  };
  strip.append(...columns.map((column) => column.node));
  box.append(element("p", { class: "advice-note", id: "own-trim" }), element("button", { type: "button", class: "secondary", onclick: leave }, say("leave_faders")));
  if (answered) queueMicrotask(() => tell(true));
  return box;
}

function renderFader(stem, startDb, moved) {
  const id = `fader-${stem.name}`;
  const level = element("output", { class: "own-level number", for: id, "aria-hidden": "true" });
  const range = element("input", { type: "range", id, min: -RANGE_DB, max: RANGE_DB, step: STEP_DB, orient: "vertical" });
  const show = () => {
    level.textContent = dbText(Number(range.value));
    range.setAttribute("aria-valuetext", level.textContent);
  };
  const set = (gainDb) => {
    range.value = String(gainDb);
    show();
  };
  for (const kind of ["input", "change"]) {
    range.addEventListener(kind, () => {
      show();
      moved(stem.name, Number(range.value), kind === "change");
    });
  }
  set(startDb);
  return { node: element("div", { class: "own-fader" }, level, range, element("label", { for: id }, stem.label)), set };
}

/** Lets the fader positions be heard as a version called "own". */
export class OwnFix {
  constructor({ player, sound, desk }) {
    Object.assign(this, { player, sound, desk });
    this.condition = null;
    player.addEventListener("change", () => this.condition && this.#rematch());
  }

  /** The faders stand at `gains` dB; when they were let go, the whole is brought to the loudness of the mix as sent. */
  hear(gains, released) {
    const isFirst = this.condition === null;
    this.condition = { gains_db: gains, trim_db: this.condition?.trim_db ?? 0 };
    this.isMatched = false;
    if (released) this.#rematch();
    this.player.setConditions({ own: this.condition });
    if (isFirst) this.desk.offer(["problem", "own"]);
    this.player.switchTo("own");
  }

  end() {
    this.condition = null;
  }

  // Loudness may be measured only after the first fader was moved; then it is matched when it is known.
  #rematch() {
    const { player, sound, condition } = this;
    const plain = sound.loudness(player.stems.map(() => 1));
    if (this.isMatched || plain === null) return;
    const gains = conditionGains({ gains_db: condition.gains_db }, player.stems);
    const own = sound.loudness(gains);
    const headroom = 20 * Math.log10(MOST_PEAK / sound.peak(player, gains));
    this.isMatched = true;
    this.condition = { ...condition, trim_db: own === null ? 0 : Math.min(plain - own, headroom) };
    player.setConditions({ own: this.condition });
    document.getElementById("own-trim").textContent = say("trimmed", { level: dbText(Math.round(this.condition.trim_db * 10) / 10) });
  }
}
