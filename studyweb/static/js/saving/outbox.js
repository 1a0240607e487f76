// The outbox: what the producer answered is first stored in the browser, then sent until the server has said that it
// is stored. Pure logic: the store, the sending and the clock are handed in, so that it runs under Node as well.
//
// An entry is one POST: {id, trial, url, body: {answers, context}, created_ms}. Sending an entry again is harmless:
// every answer has its uuid, and the server replies to a known uuid with the first receipt.

export const FIRST_WAIT_MS = 1_000;
export const LONGEST_WAIT_MS = 30_000;

export class Outbox {
  /**
   * `store`: put/get/delete/all on "outbox". `send(entry)`: resolves with {status, reply} (status 0: no answer).
   * `clock`: {now(), sleep(ms) -> {done: Promise, wake()}}. `isOnline()`. `onChange(state)` gets {state, pending, login}.
   * `trial`: the one on this page; an older entry that the server will not take from this session (another person's, on
   * a shared computer) is left in the store and does not hold up this one.
   */
  constructor({ store, send, clock, trial = null, isOnline = () => true, onChange = () => {}, random = Math.random }) {
    Object.assign(this, { store, send, clock, trial, isOnline, onChange, random });
    this.entries = [];
    this.waiters = new Map();
    this.running = null;
    this.pause = null;
    this.state = "saved";
    this.restsAt = "saved"; // the state once nothing is left to send; "refused" until something is added after a refusal
    this.login = null;
  }

  /** Takes up what an earlier page left unsent; resolves with those entries. */
  async open() {
    const stored = await this.store.all("outbox");
    const known = new Set(this.entries.map((entry) => entry.id));
    this.entries = [...stored.filter((entry) => !known.has(entry.id)), ...this.entries];
    this.entries.sort((one, other) => one.created_ms - other.created_ms);
    this.#report(this.entries.length ? "sending" : this.restsAt);
    return this.entries;
  }

  /**
   * Stores an entry and begins to send it. Resolves with the server's last word: {kind: "stored" | "conflict" |
   * "refused", reply}; never while the server cannot be reached.
   */
  async add(entry) {
    const dated = { ...entry, created_ms: this.clock.now() };
    const outcome = this.outcomeOf(entry.id);
    this.entries.push(dated);
    this.restsAt = "saved";
    this.#report("sending");
    await this.store.put("outbox", dated.id, dated);
    this.flush();
    return outcome;
  }

  /** The promise of an entry's outcome. */
  outcomeOf(id) {
    return new Promise((done) => this.waiters.set(id, done));
  }

  /** Sends all there is, in order; one run at a time. */
  flush() {
    this.running ??= this.#run().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** Tries again now: the network is back, or the session was renewed. */
  retryNow() {
    this.pause?.wake();
    return this.flush();
  }

  async #run() {
    let failures = 0;
    while (this.entries.length > 0) {
      const entry = this.entries[0];
      this.#report("sending");
      const { status, reply } = await this.send(entry);
      const kind = wordOf(status, reply, entry);
      if (["session", "elsewhere", "refused"].includes(kind) && entry.trial !== this.trial) {
        this.entries.shift();
        continue;
      }
      if (kind === "session" || kind === "elsewhere") {
        this.login = reply?.login ?? null;
        this.#report(kind);
        return;
      }
      if (kind === "retry") {
        failures += 1;
        await this.#waitAfter(failures);
        continue;
      }
      failures = 0;
      if (kind === "refused") this.restsAt = "refused";
      await this.#settle(entry, { kind, status, reply });
    }
    this.#report(this.restsAt);
  }

  async #settle(entry, outcome) {
    await this.store.delete("outbox", entry.id);
    this.entries = this.entries.filter((other) => other.id !== entry.id);
    this.waiters.get(entry.id)?.(outcome);
    this.waiters.delete(entry.id);
  }

  async #waitAfter(failures) {
    this.#report(this.isOnline() ? "waiting" : "offline");
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
    this.pause = this.clock.sleep(longest * (0.5 + this.random() / 2));
    await this.pause.done;
    this.pause = null;
  }

  #report(state) {
    this.state = state;
    this.onChange({ state, pending: this.entries.length, login: this.login });
  }
}

/**
 * What a reply means for an entry: "stored" | "conflict" | "refused" | "session" | "elsewhere" | "retry". A trial that the
 * server does not know from this browser is another person's now ("elsewhere"): the entry waits for its own session.
 */
export function wordOf(status, reply, entry) {
  if (status === 200) return isAcknowledged(reply, entry) ? "stored" : "retry";
  if (status === 409) return "conflict";
  if (status === 401 || status === 403) return "session";
  if (status === 404) return "elsewhere";
  if ([400, 405, 410, 413, 422].includes(status)) return "refused";
  return "retry";
}

// A proxy's or a captive portal's page with status 200 is no receipt: each answer's uuid must come back.
function isAcknowledged(reply, entry) {
  const receipts = new Set((reply?.receipts ?? []).map((receipt) => receipt.client_uuid));
  return reply !== null && typeof reply === "object" && Array.isArray(reply.receipts) && entry.body.answers.every((answer) => receipts.has(answer.client_uuid));
}

/** The real clock, with waits that can be cut short. */
export const wallClock = {
  now: () => Date.now(),
  sleep(ms) {
    let wake;
    const done = new Promise((resolve) => {
      wake = resolve;
      setTimeout(resolve, ms);
    });
    return { done, wake };
  },
};
