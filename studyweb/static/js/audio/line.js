// An AudioParam that moves along straight lines, with its own record of where it is at any time.
//
// Browsers disagree on what `param.value` says during automation, and a ramp without an anchor clicks. So every move
// starts from the value that this record computes, and a move that interrupts another first ends that one at the very
// point it has reached: the line stays unbroken whatever is asked for and when.

// Less than a sample: what is planned for the very moment stays, what comes after it goes.
const EPSILON_S = 1e-6;
const KEEP_S = 1;

export class Line {
  /** `param` is an AudioParam (or anything with its scheduling methods); it holds `value` from `atS` on. */
  constructor(param, value, atS = 0) {
    this.param = param;
    this.points = [{ t: atS, v: value }];
    param.setValueAtTime(value, atS);
  }

  /** The value at context time `t`. */
  valueAt(t) {
    const next = this.points.findIndex((point) => point.t > t);
    if (next < 0) return this.points[this.points.length - 1].v;
    if (next === 0) return this.points[0].v;
    const [before, after] = [this.points[next - 1], this.points[next]];
    return before.v + ((after.v - before.v) * (t - before.t)) / (after.t - before.t);
  }

  /** Moves from wherever it is at `startS` to `target` in `durationS`, dropping whatever was planned after `startS`. */
  rampTo(target, startS, durationS) {
    this.#anchor(startS);
    this.param.linearRampToValueAtTime(target, startS + durationS);
    this.points.push({ t: startS + durationS, v: target });
  }

  /** Plans a dip to zero at `atS` and up to one again, over `fadeS` on either side. */
  dip(atS, fadeS) {
    this.#anchor(atS - fadeS);
    for (const [t, v] of [[atS, 0], [atS + fadeS, 1]]) {
      this.param.linearRampToValueAtTime(v, t);
      this.points.push({ t, v });
    }
  }

  #anchor(atS) {
    const value = this.valueAt(atS);
    if (this.points[this.points.length - 1].t > atS) {
      this.param.linearRampToValueAtTime(value, atS);
      this.param.cancelScheduledValues(atS + EPSILON_S);
    }
    this.param.setValueAtTime(value, atS);
    this.points = this.points.filter((point) => point.t <= atS && point.t > atS - KEEP_S);
    this.points.push({ t: atS, v: value });
  }
}
