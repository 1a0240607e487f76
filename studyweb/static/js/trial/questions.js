// Draws the questions of a step from data and reports every change. Questions about one advice come in pairs: the
// statement once, then a scale for A and one for B.

import { renderFaders } from "./own_fix.js";
import { element, say } from "./text.js";

const ENDS = /^\S+\s+[–-]\s+(.*)$/;

/** Renders a step's questions into `form`; `onAnswer(name, value)` after every change. */
export function renderQuestions(form, step, sheet, onAnswer) {
  form.replaceChildren(...grouped(step.questions).map((group) => renderGroup(group, sheet, onAnswer)));
  refreshShown(form, step, sheet);
}

/** Shows and hides the questions that depend on others. */
export function refreshShown(form, step, sheet) {
  for (const question of step.questions) {
    const box = form.querySelector(`[data-question="${question.name}"]`);
    if (box) box.hidden = !sheet.isShown(question);
  }
}

/** Moves the focus to a question. */
export function focusQuestion(form, name) {
  const box = form.querySelector(`[data-question="${name}"]`);
  box?.querySelector("input:checked, input, textarea")?.focus();
  box?.scrollIntoView({ block: "center", behavior: "auto" });
}

/** The question as a sentence, with the advice it is about. */
export function questionText(question) {
  return question.slot ? say("for_slot", { question: question.prompt, slot: question.slot }) : question.prompt;
}

function grouped(questions) {
  const groups = [];
  for (const question of questions) {
    const last = groups[groups.length - 1];
    if (question.slot && last?.[0].slot && last[0].prompt === question.prompt) last.push(question);
    else groups.push([question]);
  }
  return groups;
}

function renderGroup(group, sheet, onAnswer) {
  if (!group[0].slot) return renderSingle(group[0], sheet, onAnswer);
  const legend = element("legend", { class: "question-prompt" }, group[0].prompt);
  const pair = element("div", { class: "pair" }, ...group.map((question) => renderSlot(question, sheet, onAnswer)));
  return element("fieldset", { class: "question question-pair" }, legend, pair);
}

function renderSlot(question, sheet, onAnswer) {
  const legend = element(
    "legend",
    { class: "pair-slot" },
    element("span", { class: "slot-letter", "data-slot": question.slot, "aria-hidden": "true" }, question.slot),
    element("span", { class: "visually-hidden" }, questionText(question)),
  );
  return element("fieldset", { "data-question": question.name, "data-slot": question.slot }, legend, options(question, sheet, onAnswer));
}

function renderSingle(question, sheet, onAnswer) {
  if (question.kind === "text") return renderText(question, sheet, onAnswer);
  if (question.kind === "faders") return renderFaders(question, sheet, onAnswer);
  const legend = element("legend", { class: "question-prompt" }, question.prompt);
  return element("fieldset", { class: "question", "data-question": question.name }, legend, options(question, sheet, onAnswer));
}

function renderText(question, sheet, onAnswer) {
  const id = `answer-${question.name}`;
  const label = element("label", { class: "question-prompt", for: id }, question.prompt, " ");
  if (!question.required) label.append(element("small", {}, say("optional")));
  const area = element("textarea", { id, rows: "2", maxlength: "2000", oninput: () => onAnswer(question.name, area.value) });
  area.value = sheet.value(question.name);
  return element("div", { class: "question question-text", "data-question": question.name }, label, area);
}

function options(question, sheet, onAnswer) {
  const layout = layoutOf(question);
  const row = element("div", { class: `options options-${layout}` });
  question.options.forEach((option) => row.append(renderOption(question, option, layout, sheet, onAnswer)));
  return layout === "scale" ? element("div", { class: "scale" }, row, ends(question)) : row;
}

function layoutOf(question) {
  if (question.kind === "rating") return "scale";
  if (question.options.some((option) => option.value === "a_clearly")) return "five";
  return question.kind === "keep" ? "keep" : "list";
}

function renderOption(question, option, layout, sheet, onAnswer) {
  const input = element("input", {
    type: "radio",
    name: question.name,
    value: option.value,
    "aria-label": option.label,
    checked: sheet.value(question.name) === option.value,
    onchange: () => onAnswer(question.name, option.value),
  });
  const face = element("span", { class: "option-face", "aria-hidden": "true" });
  if (layout === "five") face.append(...fiveFace(option));
  else face.append(layout === "scale" && /^\d$/.test(option.value) ? option.value : option.label);
  return element("label", { class: "option", "data-value": option.value }, input, face);
}

// "A, clearly": the letter large, the strength beneath it.
function fiveFace(option) {
  const found = /^([AB]),\s*(.+)$/.exec(option.label);
  if (!found) return [element("span", { class: "option-word" }, option.label)];
  return [element("span", { class: "option-letter" }, found[1]), element("span", { class: "option-word" }, found[2])];
}

function ends(question) {
  const numbers = question.options.filter((option) => /^\d$/.test(option.value));
  const word = (option) => ENDS.exec(option?.label ?? "")?.[1] ?? "";
  return element(
    "div",
    { class: "ends", "aria-hidden": "true" },
    element("span", {}, word(numbers[0])),
    element("span", {}, word(numbers[numbers.length - 1])),
  );
}
