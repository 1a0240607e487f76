// How long each version was heard, by the audio clock: time that stands still is never counted.

export class HeardTime {
  constructor(names) {
    this.seconds = Object.fromEntries(names.map((name) => [name, 0]));
    this.current = null;
    this.lastS = 0;
  }

  /** Credits the time since the last look to the version that was playing. */
  advance(contextS) {
    if (this.current !== null && contextS > this.lastS) {
      this.seconds[this.current] = (this.seconds[this.current] ?? 0) + contextS - this.lastS;
    }
    this.lastS = contextS;
  }

  /** From now on `name` is playing; null: nothing is. */
  change(contextS, name) {
    this.advance(contextS);
    this.current = name;
  }

  /** Credits seconds heard before this page; names that are not known here are left out. */
  add(seconds) {
    for (const [name, value] of Object.entries(seconds)) if (name in this.seconds) this.seconds[name] += value;
  }

  /** A new audio clock begins at `contextS`. */
  restart(contextS) {
    this.lastS = contextS;
  }

  /** Seconds of each version, to the hundredth. */
  rounded() {
    return Object.fromEntries(Object.entries(this.seconds).map(([name, value]) => [name, Math.round(value * 100) / 100]));
  }
}
