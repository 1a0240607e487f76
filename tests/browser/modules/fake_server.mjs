// The server's rules for answers, in a few lines: a uuid with the same content gets the first receipt again; a revision
// that does not follow the stored one, or a uuid with other content, gets 409; a post is stored as a whole or not at all.

export class FakeServer {
  constructor() {
    this.rows = [];
  }

  post(body) {
    const current = this.current();
    for (const answer of body.answers) {
      const known = this.rows.find((row) => row.client_uuid === answer.client_uuid);
      const fits = known
        ? known.value === answer.value && known.step === answer.step
        : answer.revision === (current[answer.step]?.revision ?? 0) + 1;
      if (!fits) return { status: 409, reply: { stored: current } };
    }
    for (const answer of body.answers) {
      if (!this.rows.some((row) => row.client_uuid === answer.client_uuid)) this.rows.push({ ...answer });
    }
    return { status: 200, reply: { receipts: body.answers.map(({ client_uuid }) => ({ client_uuid })), current_step: "hear" } };
  }

  current() {
    const current = {};
    for (const row of this.rows) current[row.step] = { value: row.value, revision: row.revision };
    return current;
  }
}

/** A clock whose waits end at once, in the order of their ends. */
export class FakeClock {
  constructor() {
    this.ms = 0;
    this.waits = [];
  }

  now() {
    return this.ms;
  }

  sleep(ms) {
    this.waits.push(ms);
    this.ms += ms;
    return { done: new Promise((done) => setImmediate(done)), wake() {} };
  }
}
