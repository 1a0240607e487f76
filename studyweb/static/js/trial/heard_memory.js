// What was heard on this trial, kept in the browser beside the draft, so that a reload asks nobody to hear it all again.

const EVERY_MS = 2_000;

/** Under which key a trial's heard seconds stand among the drafts; pages/forget.js erases it too. */
export function heardKey(trial) {
  return `${trial}.heard`;
}

export class HeardMemory {
  /** `store`: has "drafts". `player`: whose heard time is kept. `every(ms, f)` is replaced in tests. */
  constructor({ store, trial, player, every = setInterval }) {
    Object.assign(this, { store, player, key: heardKey(trial), kept: "" });
    this.isOver = false;
    const keep = () => this.keep();
    player.addEventListener("change", keep);
    every(keep, EVERY_MS);
  }

  /** Gives the player what an earlier page kept. */
  async recall() {
    const known = await this.store.get("drafts", this.key);
    if (known) this.player.recall(known);
  }

  /** Keeps what was heard so far, where it is more than last time. */
  async keep() {
    const heard = this.player.heardSoFar();
    const text = JSON.stringify(heard);
    if (this.isOver || text === this.kept || !Object.values(heard.seconds).some((seconds) => seconds > 0)) return;
    this.kept = text;
    await this.store.put("drafts", this.key, heard);
  }

  /** Erases it: the trial is stored, or its answers are not wanted any more. */
  async end() {
    this.isOver = true;
    await this.store.delete("drafts", this.key);
  }
}
