import assert from "node:assert/strict";
import test from "node:test";

import { antiphaseSounds, pitchSounds } from "../../../studyweb/static/js/audio/headphone_sounds.js";
import { seeded } from "./fake_param.mjs";

const RATE = 8_000;
const EVERY = 1.4 * RATE;
const middleOf = (samples, sound) => samples.subarray(sound * EVERY + 0.2 * RATE, sound * EVERY + 0.8 * RATE);
const power = (samples) => samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
const db = (ratio) => 10 * Math.log10(ratio);

// The product of both sides at one frequency: its sign tells whether they are in phase.
function together(left, right, frequency) {
  const partsOf = (samples) => [Math.cos, Math.sin].map((wave) => samples.reduce((sum, sample, at) => sum + sample * wave((2 * Math.PI * frequency * at) / RATE), 0));
  const [[leftCos, leftSin], [rightCos, rightSin]] = [partsOf(left), partsOf(right)];
  return (leftCos * rightCos + leftSin * rightSin) / Math.sqrt((leftCos ** 2 + leftSin ** 2) * (rightCos ** 2 + rightSin ** 2));
}

test("one tone is 6 dB quieter and another vanishes where the sides are added", () => {
  const [left, right] = antiphaseSounds(RATE, { quiet: 2, inverted: 0 });
  const loud = power(middleOf(left, 1));
  assert.ok(Math.abs(db(power(middleOf(left, 2)) / loud) + 6) < 0.01);
  assert.ok(Math.abs(db(power(middleOf(left, 0)) / loud)) < 0.01);
  const added = left.map((sample, at) => sample + right[at]);
  assert.equal(power(middleOf(added, 0)), 0);
  assert.ok(power(middleOf(added, 2)) > 0);
});

test("the pitch is only between the ears: each side alone is noise, the sides part around 600 Hz", () => {
  const [left, right] = pitchSounds(RATE, { pitched: 1 }, seeded(5));
  assert.deepEqual(middleOf(left, 0), middleOf(right, 0));
  const [one, other] = [middleOf(left, 1), middleOf(right, 1)];
  assert.ok(Math.abs(db(power(other) / power(one))) < 0.1);
  assert.ok(together(one, other, 600) < -0.8);
  assert.ok(together(one, other, 250) > 0.95);
  assert.ok(together(one, other, 1500) > 0.95);
});
