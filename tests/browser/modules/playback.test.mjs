import assert from "node:assert/strict";
import test from "node:test";

import { ClockWatch } from "../../../studyweb/static/js/audio/clock_watch.js";
import { changedStems, conditionGains, dbToGain } from "../../../studyweb/static/js/audio/gains.js";
import { HeardTime } from "../../../studyweb/static/js/audio/heard.js";
import { clockText, normaliseLoop, positionAt, seamsBetween } from "../../../studyweb/static/js/audio/position.js";

const STEMS = ["drums", "bass", "other", "vocals"];

test("a condition's gains hold stem gain and trim, in dB, in the stems' order", () => {
  const gains = conditionGains({ gains_db: { vocals: 6 }, trim_db: -6 }, STEMS);
  assert.ok(Math.abs(gains[0] - 0.501187) < 1e-6);
  assert.equal(gains[3], 1);
});

test("solo wins over mute", () => {
  const condition = { gains_db: {}, trim_db: 0 };
  assert.deepEqual(conditionGains(condition, STEMS, { soloed: new Set(["bass"]), muted: new Set(["bass"]) }), [0, 1, 0, 0]);
  assert.deepEqual(conditionGains(condition, STEMS, { muted: new Set(["drums"]) }), [0, 1, 1, 1]);
});

test("a level that is no number is refused, never played", () => {
  for (const bad of [NaN, Infinity, -Infinity]) assert.throws(() => dbToGain(bad), RangeError);
});

test("only the stems that change are named", () => {
  assert.deepEqual(changedStems({ gains_db: { bass: 0, vocals: 2 } }, STEMS), [{ stem: "vocals", gain_db: 2 }]);
});

test("a loop region has at least four seconds, stays inside and lies on frames", () => {
  assert.deepEqual(normaliseLoop({ startS: 9, endS: 8 }, 20, 44100), { startS: 8, endS: 12 });
  assert.deepEqual(normaliseLoop({ startS: 19, endS: 30 }, 20, 44100), { startS: 16, endS: 20 });
  assert.deepEqual(normaliseLoop({ startS: NaN, endS: 2 }, 20, 44100), { startS: 0, endS: 4 });
  assert.deepEqual(normaliseLoop({ startS: 0, endS: 3 }, 3, 44100), { startS: 0, endS: 3 });
  const region = normaliseLoop({ startS: 1.00001, endS: 7.77777 }, 20, 44100);
  assert.equal(Math.round(region.startS * 44100) / 44100, region.startS);
});

test("position wraps inside the loop and stands at its end without one", () => {
  const run = { t0: 10, offsetS: 6, loop: { startS: 4, endS: 8 }, looping: true };
  assert.equal(positionAt(run, 9), 6);
  assert.equal(positionAt(run, 11), 7);
  assert.equal(positionAt(run, 13), 5);
  assert.equal(positionAt({ ...run, looping: false }, 13), 8);
});

test("seams are where the position wraps, each named once", () => {
  const run = { t0: 10, offsetS: 6, loop: { startS: 4, endS: 8 }, looping: true };
  assert.deepEqual(seamsBetween(run, 10, 21), [12, 16, 20]);
  assert.deepEqual([...seamsBetween(run, 10, 16), ...seamsBetween(run, 16, 21)], [12, 16, 20]);
  assert.deepEqual(seamsBetween({ ...run, looping: false }, 10, 21), []);
});

test("heard time runs with the audio clock and stands with it", () => {
  const heard = new HeardTime(["problem", "A", "B"]);
  heard.change(100, "problem");
  heard.change(102.5, "A");
  heard.advance(102.5);
  heard.advance(102.5);
  heard.change(103, null);
  heard.advance(200);
  assert.deepEqual(heard.rounded(), { problem: 2.5, A: 0.5, B: 0 });
});

test("a new clock counts from its own beginning", () => {
  const heard = new HeardTime(["problem"]);
  heard.change(50, "problem");
  heard.advance(51);
  heard.restart(0);
  heard.advance(2);
  assert.equal(heard.rounded().problem, 3);
});

test("a clock that stands still is noticed within two seconds", () => {
  const watch = new ClockWatch();
  assert.equal(watch.isStalled(0, 5), false);
  assert.equal(watch.isStalled(750, 5), false);
  assert.equal(watch.isStalled(1250, 5), true);
  assert.equal(watch.isStalled(1500, 5.01), false);
});

test("a throttled tab whose clock moved on has not stalled", () => {
  const watch = new ClockWatch();
  watch.isStalled(0, 5);
  assert.equal(watch.isStalled(60_000, 65), false);
});

test("times read as minutes and seconds", () => {
  assert.deepEqual([0, 9.96, 59.97, 61.25].map(clockText), ["0:00.0", "0:10.0", "1:00.0", "1:01.3"]);
});
