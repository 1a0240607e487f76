import assert from "node:assert/strict";
import test from "node:test";

import { Line } from "../../../studyweb/static/js/audio/line.js";
import { FakeParam, seeded } from "./fake_param.mjs";

test("a ramp starts from its anchor and ends on its target", () => {
  const param = new FakeParam();
  const line = new Line(param, 1);
  line.rampTo(0.25, 2, 0.015);
  assert.equal(param.valueAt(2), 1);
  assert.equal(param.valueAt(2.0075).toFixed(6), "0.625000");
  assert.equal(param.valueAt(2.015), 0.25);
  assert.equal(param.valueAt(9), 0.25);
});

test("a move that interrupts another begins where that one is", () => {
  const param = new FakeParam();
  const line = new Line(param, 0);
  line.rampTo(1, 1, 0.02);
  line.rampTo(0.5, 1.01, 0.02);
  assert.ok(Math.abs(param.valueAt(1.005) - 0.25) < 1e-9, "the interrupted ramp stays as it was");
  assert.ok(Math.abs(param.valueAt(1.01) - 0.5) < 1e-9);
  assert.ok(Math.abs(param.valueAt(1.03) - 0.5) < 1e-9);
});

test("a dip comes back to one", () => {
  const param = new FakeParam();
  const line = new Line(param, 1);
  line.dip(5, 0.005);
  assert.equal(param.valueAt(4.994), 1);
  assert.equal(param.valueAt(5), 0);
  assert.equal(param.valueAt(5.006), 1);
});

test("whatever is asked for and when, the line agrees with the parameter and never jumps", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seeded(seed);
    const param = new FakeParam();
    const line = new Line(param, random());
    let now = 0;
    for (let move = 0; move < 12; move += 1) {
      now += random() * 0.03;
      line.rampTo(random() * 2, now, 0.015);
      for (let probe = now; probe < now + 0.02; probe += 0.0013) {
        assert.ok(Math.abs(param.valueAt(probe) - line.valueAt(probe)) < 2e-4, `seed ${seed} at ${probe}`);
      }
    }
    const steepest = (2 / 0.015) * 1.001;
    for (let t = 0; t < now; t += 0.0005) {
      const step = Math.abs(param.valueAt(t + 0.0005) - param.valueAt(t));
      assert.ok(step <= steepest * 0.0005 + 1e-9, `seed ${seed}: a jump of ${step} at ${t}`);
    }
  }
});
