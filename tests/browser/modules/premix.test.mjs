import assert from "node:assert/strict";
import test from "node:test";

import { MOST_BYTES, decodedBytes, memoryBudget } from "../../../studyweb/static/js/audio/memory.js";
import { premix } from "../../../studyweb/static/js/audio/premix.js";
import { mixVoices } from "../../../studyweb/static/js/audio/voices.js";

const bufferOf = (...channels) => ({ numberOfChannels: channels.length, getChannelData: (channel) => channels[channel] });
const makeBuffer = ({ length }) => bufferOf(new Float32Array(length), new Float32Array(length));

test("a mix is the sum of gains times stems, one stem at a time", async () => {
  const stems = [bufferOf(Float32Array.of(1, 2), Float32Array.of(3, 4)), bufferOf(Float32Array.of(10, 20))];
  const asked = [];
  const decodedStem = async (index) => {
    asked.push(index);
    return stems[index];
  };
  const [plain, turned] = await premix({ stemCount: 2, gainSets: [[1, 1], [0.5, 0]], decodedStem, rate: 8000, frames: 2, makeBuffer });
  assert.deepEqual([...plain.getChannelData(0)], [11, 22]);
  assert.deepEqual([...plain.getChannelData(1)], [13, 24]);
  assert.deepEqual([...turned.getChannelData(0)], [0.5, 1]);
  assert.deepEqual(asked, [0, 1]);
});

test("one mix is up, the others are down", () => {
  assert.deepEqual(mixVoices().gains("A"), [0, 1, 0]);
});

test("the default study fits every budget of a computer that tells 2 GiB or more", () => {
  const study = decodedBytes(4, 20 * 44_100);
  assert.equal(study, 28_224_000);
  assert.equal(memoryBudget(undefined), MOST_BYTES);
  assert.equal(memoryBudget(32), MOST_BYTES);
  assert.ok(study <= memoryBudget(2));
  assert.ok(study > memoryBudget(0.25));
});
