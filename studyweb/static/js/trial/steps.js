// Walks a trial's steps: shows one, checks what is missing, hands its answers to the outbox, goes where the server says.

import { newUuid } from "../saving/uuid.js";
import { versionName } from "./listen.js";
import { unheard } from "./listening.js";
import { hideNotice, showNotice } from "./notices.js";
import { focusQuestion, questionText, refreshShown, renderQuestions } from "./questions.js";
import { announce, element, say } from "./text.js";

const GONE = 410; // the study is closed, or this session was withdrawn
const byId = (id) => document.getElementById(id);

export class Steps {
  /**
   * `data`: the trial's data; `sheet`: its answers; `outbox`, `store`; `player`; `makeContext(stepName, ms)`;
   * `onConditions(conditions)`: versions were released; `forget()`: erases what is kept of
   * the trial in the browser; `onDone()`: the trial is stored; `log(kind, payload)`.
   */
  constructor(parts) {
    Object.assign(this, parts);
    this.conditions = this.data.conditions;
    this.current = null;
    this.busy = false;
    this.isOver = false;
    this.gateAsked = false;
    this.next = byId("next");
    this.next.addEventListener("click", () => this.goOn());
    byId("questions").addEventListener("submit", (event) => event.preventDefault());
  }

  /** Shows a step; with `focus`, the title takes it, so that keyboards and readers begin at the top. */
  show(name, { focus = false } = {}) {
    const step = this.sheet.step(name);
    this.current = name;
    this.gateAsked = false;
    this.shownAtMs = performance.now();
    byId("step-title").textContent = step.title;
    document.body.dataset.step = name;
    renderQuestions(byId("questions"), step, this.sheet, (question, value) => this.#answer(question, value));
    this.refresh();
    this.log("step", { step: name });
    if (!focus) return;
    window.scrollTo({ top: 0 });
    byId("step-title").focus({ preventScroll: true });
    announce(say("step_now", { title: step.title, number: this.data.number, of: this.data.of }));
  }

  /** The button and the reason why it waits. */
  refresh() {
    const missing = this.sheet.missing(this.current);
    this.next.setAttribute("aria-disabled", String(this.busy || missing.length > 0));
    this.next.textContent = this.busy ? say("saving") : this.gateAsked ? say("go_on_anyway") : say(this.#nextWord());
    const key = missing.length > 1 ? "still_more" : "still_to_answer";
    byId("onward-reason").textContent =
      missing.length > 0 && !this.busy ? say(key, { question: questionText(missing[0]), count: missing.length - 1 }) : "";
  }

  /** Next was pressed: says what is missing, or saves the step. */
  async goOn() {
    if (this.busy) return;
    const missing = this.sheet.missing(this.current);
    if (missing.length > 0) {
      announce(byId("onward-reason").textContent);
      focusQuestion(byId("questions"), missing[0].name);
      return;
    }
    if (this.#asksForGate()) return;
    await this.#save();
  }

  /** Waits for answers that an earlier page handed to the outbox. */
  async resumePending(entry) {
    await this.#whileBusy(this.outbox.outcomeOf(entry.id), entry.body.answers);
  }

  async #save() {
    const answers = this.sheet.unsent(this.current).map((answer) => ({ client_uuid: newUuid(), ...answer }));
    const body = { answers, context: this.makeContext(this.current, performance.now() - this.shownAtMs) };
    const entry = { id: newUuid(), trial: this.data.trial, url: this.data.urls.answers, body };
    await this.#whileBusy(this.outbox.add(entry), answers);
  }

  async #whileBusy(outcomeToCome, sent) {
    this.busy = true;
    this.refresh();
    const outcome = await outcomeToCome;
    if (outcome.kind === "stored") await this.#stored(outcome.reply, sent);
    else this.#notStored(outcome);
  }

  async #stored(reply, sent) {
    this.sheet.acknowledge(sent);
    await this.#keepDraft();
    hideNotice("answers");
    if (reply.current_step === "done") {
      await this.forget();
      this.onDone(reply);
      return;
    }
    this.busy = false;
    if (reply.texts) this.data.texts = reply.texts;
    if (reply.conditions || reply.texts) this.#release(reply.conditions);
    this.show(reply.current_step, { focus: true });
  }

  #notStored({ kind, status, reply }) {
    this.busy = false;
    if (status === GONE) {
      this.isOver = true;
      this.forget();
      const onward = element("a", { href: this.data.urls.next, class: "button" }, say("where_now"));
      showNotice("answers", "error", reply?.error ?? say("not_taken"), onward);
    } else if (kind === "conflict") {
      this.#adopt(reply ?? {});
      showNotice("answers", "warning", say("already_answered"));
    } else {
      const reason = [reply?.error, ...(reply?.problems ?? [])].filter(Boolean).join(" ") || "?";
      showNotice("answers", "error", say("refused", { reason }));
    }
    this.refresh();
    byId("notices").scrollIntoView({ block: "center" });
  }

  // What is kept in case of a reload; nothing any more once the server takes no answers of this trial.
  async #keepDraft() {
    if (!this.isOver) await this.store.put("drafts", this.data.trial, this.sheet.drafts());
  }

  // What another window stored counts: its answers are shown, at the step where the server is.
  #adopt({ stored = {}, current_step: step, conditions, texts }) {
    this.sheet.adopt(stored);
    this.#keepDraft();
    if (texts) this.data.texts = texts;
    if (conditions || texts) this.#release(conditions ?? null);
    this.show(this.sheet.step(step) ? step : this.current);
  }

  #release(conditions) {
    this.conditions = conditions;
    this.onConditions(conditions);
  }

  #answer(name, value) {
    this.sheet.set(name, value);
    refreshShown(byId("questions"), this.sheet.step(this.current), this.sheet);
    this.#keepDraft();
    this.refresh();
  }

  #asksForGate() {
    if (this.gateAsked || this.current !== "hear") return false;
    const left = unheard(this.player, this.conditions, this.data.audio.gate_seconds);
    if (left.length === 0) return false;
    this.gateAsked = true;
    this.refresh();
    const text = say("gate", { seconds: this.data.audio.gate_seconds, versions: left.map(versionName).join(", ") });
    byId("onward-reason").textContent = text;
    announce(text);
    return true;
  }

  #nextWord() {
    const names = this.data.steps.map((step) => step.name);
    const following = names[names.indexOf(this.current) + 1];
    return following === "hear" ? "next_hear" : following ? "next_step" : "next_done";
  }
}
