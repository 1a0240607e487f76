// What happened on the page (plays, switches, stalls ...), sent in batches. Events are context, not answers: they are
// kept in memory, retried, and the oldest are dropped if the server stays away for long.

import { newUuid } from "./uuid.js";

const BATCH = 50;
const MOST_KEPT = 1_000;
/** Stored, not to be read, or not wanted any more: sending it again would change nothing. */
const SETTLED = [200, 400, 410];

export class EventLog {
  /** `post(body, keepalive)` resolves with {status}. `nowMs()`: milliseconds since the page opened. */
  constructor({ trial, post, nowMs = () => performance.now(), makeUuid = newUuid }) {
    Object.assign(this, { trial, post, nowMs, makeUuid });
    this.kept = [];
    this.running = null;
  }

  add(kind, payload = {}) {
    this.kept.push({ client_uuid: this.makeUuid(), trial: this.trial, kind, client_ms: Math.round(this.nowMs()), payload });
    if (this.kept.length > MOST_KEPT) this.kept.shift();
  }

  /** Sends all there is, batch after batch; what is not acknowledged stays for the next time. One run at a time. */
  flush({ keepalive = false } = {}) {
    if (keepalive) return this.#sendAll(true); // the page may be going: it cannot wait for a run that is under way
    this.running ??= this.#sendAll(false).finally(() => {
      this.running = null;
    });
    return this.running;
  }

  async #sendAll(keepalive) {
    while (this.kept.length > 0) {
      const batch = this.kept.slice(0, BATCH);
      const { status } = await this.post({ events: batch }, keepalive);
      if (!SETTLED.includes(status)) return;
      const sent = new Set(batch.map((event) => event.client_uuid));
      this.kept = this.kept.filter((event) => !sent.has(event.client_uuid));
    }
  }
}
