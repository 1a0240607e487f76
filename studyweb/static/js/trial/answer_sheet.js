// The answers of one trial as they stand: what is stored, what is new, and what is still missing. No DOM.

export class AnswerSheet {
  /** `steps` and `answers` ({name: {value, revision}}) as the server gave them; `drafts` ({name: value}) from here. */
  constructor(steps, answers, drafts = {}) {
    this.steps = steps;
    this.stored = { ...answers };
    this.values = Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, answer.value]));
    const known = new Set(steps.flatMap((step) => step.questions.map((question) => question.name)));
    for (const [name, value] of Object.entries(drafts)) if (known.has(name)) this.values[name] = value;
  }

  step(name) {
    return this.steps.find((step) => step.name === name);
  }

  value(name) {
    return this.values[name] ?? "";
  }

  set(name, value) {
    this.values[name] = value;
  }

  /** Whether a question is asked, given the answers so far. */
  isShown(question) {
    return !question.show_if || this.value(question.show_if.question) === question.show_if.value;
  }

  /** The required questions of a step that have no answer yet, in order. */
  missing(stepName) {
    return this.step(stepName).questions.filter(
      (question) => question.required && this.isShown(question) && this.value(question.name).trim() === "",
    );
  }

  /** What has to be sent for a step: [{step, revision, value}], only new or changed answers of questions that are asked. */
  unsent(stepName) {
    return this.step(stepName)
      .questions.filter((question) => this.isShown(question))
      .map((question) => ({ step: question.name, revision: (this.stored[question.name]?.revision ?? 0) + 1, value: clean(this.value(question.name)) }))
      .filter((answer) => answer.value !== (this.stored[answer.step]?.value ?? ""));
  }

  /** Takes the server's acknowledgement of `sent` answers. */
  acknowledge(sent) {
    for (const answer of sent) this.stored[answer.step] = { value: answer.value, revision: answer.revision };
  }

  /** Takes what the server has stored instead of ours ({name: {value, revision}}). */
  adopt(stored) {
    for (const [name, answer] of Object.entries(stored)) {
      this.stored[name] = answer;
      this.values[name] = answer.value;
    }
  }

  /** What is written here and not stored there, for the draft that survives a reload. */
  drafts() {
    return Object.fromEntries(Object.entries(this.values).filter(([name, value]) => value !== (this.stored[name]?.value ?? "")));
  }
}

// Control characters that come along with pasted text; line breaks and tabs stay.
function clean(text) {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "").trim();
}
