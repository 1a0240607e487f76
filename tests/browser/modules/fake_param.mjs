// An AudioParam as the Web Audio specification describes it, kept apart from the page's own arithmetic.

export class FakeParam {
  constructor() {
    this.events = [];
  }

  setValueAtTime(value, time) {
    this.#insert({ kind: "set", value, time });
  }

  linearRampToValueAtTime(value, time) {
    this.#insert({ kind: "ramp", value, time });
  }

  cancelScheduledValues(time) {
    this.events = this.events.filter((event) => event.time < time);
  }

  valueAt(time) {
    let value = 0;
    let from = 0;
    for (const event of this.events) {
      if (event.time <= time) {
        [value, from] = [event.value, event.time];
      } else {
        if (event.kind === "ramp") return value + ((event.value - value) * (time - from)) / (event.time - from);
        break;
      }
    }
    return value;
  }

  // Events at one time keep the order in which they were inserted.
  #insert(event) {
    const after = this.events.findIndex((other) => other.time > event.time);
    this.events.splice(after < 0 ? this.events.length : after, 0, event);
  }
}

/** A small generator with a seed (mulberry32), so that a failing run can be repeated. */
export function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
