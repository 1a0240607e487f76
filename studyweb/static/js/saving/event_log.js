// What happened on the page (plays, switches, stalls ...), sent in batches. Events are context, not answers: they are
// kept in memory, retried, and the oldest are dropped if the server stays away for long.

import { newUuid } from "./uuid.js";

const BATCH = 50;
const MOST_KEPT = 1_000;

export class EventLog {
  /** `post(body, keepalive)` resolves with {status}. `nowMs()`: milliseconds since the page opened. */
  constructor({ trial, post, nowMs = () => performance.now(), makeUuid = newUuid }) {
    Object.assign(this, { trial, post, nowMs, makeUuid });
    this.kept = [];
    this.sending = false;
  }

  add(kind, payload = {}) {
    this.kept.push({ client_uuid: this.makeUuid(), trial: this.trial, kind, client_ms: Math.round(this.nowMs()), payload });
    if (this.kept.length > MOST_KEPT) this.kept.shift();
  }

  /** Sends what there is; what is not acknowledged stays for the next time. */
  async flush({ keepalive = false } = {}) {
    if (this.kept.length === 0 || (this.sending && !keepalive)) return;
    this.sending = true;
    const batch = this.kept.slice(0, BATCH);
    const { status } = await this.post({ events: batch }, keepalive);
    this.sending = false;
    if (status === 200 || status === 400) {
      const sent = new Set(batch.map((event) => event.client_uuid));
      this.kept = this.kept.filter((event) => !sent.has(event.client_uuid));
    }
  }
}
