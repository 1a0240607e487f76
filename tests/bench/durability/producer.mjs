// One scripted session: the page's own modules (store, outbox, sender, answer sheet) against the real server, walked as
// trial/steps.js walks them, by somebody who reloads or presses again when a page does not come, and who follows the
// personal link when the page says that another session is open.

import { setTimeout as pause } from "node:timers/promises";

import { Disk } from "./disk.mjs";
import { filledForm, personalLinkOf, tokenOf, trialDataOf } from "./forms.mjs";
import { FastClock, Gone, Life } from "./life.mjs";
import { Network } from "./network.mjs";
import { Plan } from "./plan.mjs";

const MOST_REPLIES = 25;
const MOST_POSTS = 150;
const PAUSE_MS = 50;
/** Shorter than the page's own limit, so that a stall takes less of the bench's time. */
const REPLY_WITHIN_MS = 3_000;
const STRANGER = { id: "0", trial: "somebody-else", url: "/t/trial/somebody-else/answers/", created_ms: 0 };

export class Producer {
  /** `modules`: what is under test; `site`: {url}; `study`: its public id; `faults`: what goes wrong. */
  constructor({ modules, site, study, number, faults, speed }) {
    Object.assign(this, { modules, study, number });
    this.plan = new Plan(faults);
    this.clock = new FastClock(speed);
    this.network = new Network({ site, plan: this.plan, clock: this.clock });
    this.disk = new Disk();
    this.disk.fails = () => this.plan.diskFails();
    this.lives = [];
    this.isOver = false;
    this.link = null;
    this.isAway = false;
    this.posts = 0;
    this.progressedMs = performance.now();
    this.handed = new Map();
    this.acknowledged = [];
    this.unreceipted = [];
    this.trial = null;
    if (this.plan.has("stranger")) this.disk.put("outbox", STRANGER.id, { ...STRANGER, body: { answers: [], context: {} } });
    this.disk.createTable("drafts");
  }

  /** From the invitation to the thanks page. */
  async play() {
    let path = `/join/${this.study}/`;
    while (!this.isOver) {
      this.progressedMs = performance.now();
      const life = this.#newLife();
      try {
        const next = await Promise.race([this.#visit(path, life), life.gone]);
        if (next === null) return;
        path = next;
      } catch (error) {
        if (!(error instanceof Gone)) throw error;
      } finally {
        if (life.alive) life.end();
      }
    }
  }

  /** Resolves with a reason when the session gets nowhere: nothing new for `limitMs`, or a reply is asked for endlessly. */
  stuck(limitMs) {
    return new Promise((give) => {
      this.giveUp = give;
      this.watch = setInterval(() => {
        const stillMs = performance.now() - this.progressedMs;
        if (stillMs > limitMs) give(`nothing new for ${Math.round(stillMs / 1_000)} s`);
      }, 250);
    });
  }

  /** Ends every page of the session. */
  stop() {
    this.isOver = true;
    clearInterval(this.watch);
    for (const life of this.lives) life.end();
  }

  /** What happened. `left`: entries still in the outbox though a later trial's page could have sent them. */
  report(stuck) {
    const left = this.disk.values("outbox").filter((entry) => entry.trial !== STRANGER.trial);
    return {
      number: this.number,
      faults: this.plan.faults.map(({ kind, at, left: waits }) => `${kind} at ${at}${waits ? " (not met)" : ""}`),
      handed: [...this.handed.values()].map((answer) => ({ ...answer, kept: this.disk.kept.has(answer.entry) })),
      acknowledged: this.acknowledged,
      unreceipted: this.unreceipted,
      left: left.filter((entry) => entry.trial !== this.trial).length,
      stranger: this.plan.has("stranger") === this.disk.values("outbox").some((entry) => entry.trial === STRANGER.trial),
      stuck,
      requests: this.network.requests,
    };
  }

  #newLife() {
    const life = new Life(() => this.plan.dies());
    this.lives.push(life);
    return life;
  }

  // Opens a page and does what it asks for; where to go next, or null at the end.
  async #visit(path, life) {
    if (this.isAway) await this.#comeBack(life);
    const page = await this.#open(path, life);
    const data = trialDataOf(page.text);
    if (data) {
      this.link = personalLinkOf(page.text);
      await this.#answerTrial(data, page.text, life);
      return "/t/";
    }
    if (page.path.startsWith("/t/thanks/")) return null;
    const sent = await this.#fetch(page.path, filledForm(page.text), life);
    return sent.status === 302 ? "/t/" : page.path;
  }

  async #open(path, life) {
    for (let to = path; ; ) {
      const reply = await this.#fetch(to, {}, life);
      if (reply.status === 200) return { path: to, text: await reply.text() };
      if (reply.status === 403 && this.link) await this.#comeBack(life);
      else if (reply.status !== 302) await life.tell(pause(PAUSE_MS));
      to = reply.status === 302 ? new URL(reply.headers.get("Location"), "http://here").pathname : path;
    }
  }

  // A person presses again until something comes that looks like MixTrial.
  async #fetch(path, options, life) {
    const fetchPage = this.network.fetchFor(life);
    for (;;) {
      const reply = await fetchPage(path, options).catch(() => null);
      if (reply && reply.status < 500 && reply.headers.has("Content-Security-Policy")) return reply;
      await life.tell(pause(PAUSE_MS));
    }
  }

  async #answerTrial(data, html, life) {
    const { AnswerSheet, openStore } = this.modules;
    this.trial = data.trial;
    const store = await openStore(this.disk.factoryFor(life));
    const outbox = this.#outbox(store, html, data, life);
    const sheet = new AnswerSheet(data.steps, data.answers, (await store.get("drafts", data.trial)) ?? {});
    let step = data.current_step;
    const pending = (await outbox.open()).filter((entry) => entry.trial === data.trial).at(-1);
    const late = pending && outbox.outcomeOf(pending.id);
    outbox.flush();
    if (late) step = await this.#settle(await late, pending.body.answers, { sheet, store, data, step });
    while (step !== "done") {
      await this.#fillIn(data, step, sheet, store);
      const answers = sheet.unsent(step).map((answer) => ({ client_uuid: this.modules.newUuid(), ...answer }));
      const entry = { id: this.modules.newUuid(), trial: data.trial, url: data.urls.answers, body: { answers, context: { step } } };
      this.#note(entry);
      step = await this.#settle(await outbox.add(entry), answers, { sheet, store, data, step });
    }
  }

  #outbox(store, html, data, life) {
    const renew = { url: data.urls.renew, token: data.renew_token };
    const sender = new this.modules.Sender({ token: tokenOf(html), renew, fetchPage: this.network.fetchFor(life), limitMs: REPLY_WITHIN_MS });
    const replies = new Map();
    const send = async (entry) => {
      await this.#meddle(entry, store, sender, life);
      this.posts += 1;
      if (this.posts > MOST_POSTS) this.giveUp(`no end after ${MOST_POSTS} posts of answers`);
      const reply = await sender.post(entry.url, entry.body);
      replies.set(entry.id, (replies.get(entry.id) ?? 0) + (reply.status === 0 ? 0 : 1));
      if (replies.get(entry.id) > MOST_REPLIES) this.giveUp(`${MOST_REPLIES} replies did not end the sending`);
      return reply;
    };
    const onChange = ({ state }) => {
      if (["session", "elsewhere"].includes(state)) this.#comeBack(life).then(() => outbox.retryNow());
    };
    const outbox = new this.modules.Outbox({ store, send, onChange, clock: this.clock.of(life), trial: data.trial });
    return outbox;
  }

  async #meddle(entry, store, sender, life) {
    const what = this.plan.beforePost();
    if (what === "signed out") this.network.cookies.clear();
    if (what === "rival") await this.#rival(entry, sender);
    if (what === "other session") await this.#otherSession();
    if (what !== "second tab") return;
    const { Outbox } = this.modules;
    const second = new Outbox({ store, send: (each) => sender.post(each.url, each.body), clock: this.clock.of(life), trial: entry.trial });
    await second.open();
    second.flush().catch(() => {});
  }

  // Another device of the same person answers the same step first.
  async #rival(entry, sender) {
    const answers = entry.body.answers.map((answer) => ({ ...answer, client_uuid: this.modules.newUuid() }));
    const theirs = { ...entry, body: { ...entry.body, answers } };
    this.#note(theirs, { byRival: true });
    const headers = { "Content-Type": "application/json", "X-CSRFToken": sender.token };
    await this.network.direct(entry.url, { method: "POST", headers, body: JSON.stringify(theirs.body) }).catch(() => {});
  }

  // Somebody else begins a session in another tab of this browser.
  async #otherSession() {
    this.isAway = true;
    this.network.cookies.delete("sessionid");
    const path = `/join/${this.study}/`;
    const page = await this.network.direct(path).catch(() => null);
    if (page) await this.network.direct(path, filledForm(page.text)).catch(() => {});
    this.isAway = true;
  }

  // What the page offers then: the personal link in a new tab, and its button.
  async #comeBack(life) {
    const page = await this.#open(this.link, life);
    await this.#fetch(this.link, filledForm(page.text), life);
    this.isAway = false;
  }

  async #fillIn(data, step, sheet, store) {
    for (let missing = sheet.missing(step); missing.length > 0; missing = sheet.missing(step)) {
      const [{ name, options }] = missing;
      sheet.set(name, options[(this.number + name.length) % options.length].value);
      await store.put("drafts", data.trial, sheet.drafts());
    }
    const comment = sheet.step(step).questions.find((question) => question.kind === "text");
    if (comment && !sheet.value(comment.name)) sheet.set(comment.name, `Zu laut, würde ich sagen № ${this.number} "=1+1"`);
  }

  #note(entry, { byRival = false } = {}) {
    for (const answer of entry.body.answers) {
      this.handed.set(answer.client_uuid, { ...answer, trial: entry.trial, entry: entry.id, byRival });
    }
  }

  // What the page does with the outbox's last word; the step that it goes to.
  async #settle({ kind, reply }, sent, { sheet, store, data, step }) {
    this.progressedMs = performance.now();
    if (kind === "refused") throw new Error(`refused: ${JSON.stringify(reply)}`);
    if (kind === "conflict") {
      sheet.adopt(reply?.stored ?? {});
      return reply?.current_step ?? step;
    }
    for (const { client_uuid: uuid } of sent) {
      this.acknowledged.push(uuid);
      if (!this.network.receipts.has(uuid)) this.unreceipted.push(uuid);
    }
    sheet.acknowledge(sent);
    await store.put("drafts", data.trial, sheet.drafts());
    return reply?.current_step ?? step;
  }
}
