import assert from "node:assert/strict";
import test from "node:test";

import { loudnessOf, measureVoices } from "../../../studyweb/static/js/audio/loudness.js";

const bufferOf = (rate, ...channels) => ({ sampleRate: rate, length: channels[0].length, numberOfChannels: channels.length, getChannelData: (channel) => channels[channel] });
const sine = (rate, seconds, levelDb, frequency = 997) =>
  Float32Array.from({ length: Math.round(rate * seconds) }, (_, at) => 10 ** (levelDb / 20) * Math.sin((2 * Math.PI * frequency * at) / rate));
const stereo = (rate, ...parts) => {
  const samples = Float32Array.from(parts.flatMap((part) => [...part]));
  return bufferOf(rate, samples, samples);
};
const close = (found, expected, within = 0.1) => assert.ok(Math.abs(found - expected) <= within, `${found} is not ${expected}`);

// EBU Tech 3341, cases 1 to 3: a stereo sine of 1 kHz at -23 dBFS reads -23 LUFS; quiet parts are gated out.
for (const rate of [44_100, 48_000]) {
  test(`a stereo sine reads its level at ${rate} Hz`, async () => {
    for (const level of [-23, -33]) {
      const measured = await measureVoices([stereo(rate, sine(rate, 5, level, 1000))]);
      close(loudnessOf(measured, [1]), level);
    }
  });
}

test("quiet parts are gated out, and a region is measured on its own", async () => {
  const rate = 48_000;
  const measured = await measureVoices([stereo(rate, sine(rate, 4, -36, 1000), sine(rate, 12, -23, 1000), sine(rate, 4, -36, 1000))]);
  close(loudnessOf(measured, [1]), -23);
  close(loudnessOf(measured, [1], { startS: 0, endS: 4 }), -36);
  close(loudnessOf(measured, [1], { startS: 5, endS: 15 }), -23);
});

test("gains act as if the mix had been rendered", async () => {
  const rate = 44_100;
  const [low, high] = [sine(rate, 5, -20, 100), sine(rate, 5, -26, 3000)];
  const gains = [0.5, 1.7];
  const mixed = low.map((sample, at) => gains[0] * sample + gains[1] * high[at]);
  const stems = await measureVoices([bufferOf(rate, low), stereo(rate, high)]);
  close(loudnessOf(stems, gains), loudnessOf(await measureVoices([stereo(rate, mixed)]), [1]), 1e-4);
});

test("silence has no loudness", async () => {
  const measured = await measureVoices([stereo(44_100, new Float32Array(88_200))]);
  assert.equal(loudnessOf(measured, [1]), null);
});

test("long excerpts are measured in turns that let the page breathe", async () => {
  let [turns, ms] = [0, 0];
  await measureVoices([stereo(44_100, sine(44_100, 2, -20))], { nowMs: () => (ms += 5), pause: async () => (turns += 1) });
  assert.ok(turns >= 5);
});
