// Versions mixed beforehand, for computers that cannot hold all stems: one stem at a time is decoded, added to every mix
// and let go.

const CHANNELS = 2;

/**
 * Mixes stems into one buffer for each set of gains. `gainSets`: linear gains in the stems' order, one list a mix;
 * `decodedStem(index)`: resolves with that stem's AudioBuffer. Resolves with the mixes, in order.
 */
export async function premix({ stemCount, gainSets, decodedStem, rate, frames, makeBuffer = newBuffer }) {
  const mixes = gainSets.map(() => makeBuffer({ numberOfChannels: CHANNELS, length: frames, sampleRate: rate }));
  for (let stem = 0; stem < stemCount; stem += 1) {
    const buffer = await decodedStem(stem);
    gainSets.forEach((gains, mix) => add(mixes[mix], buffer, gains[stem]));
  }
  return mixes;
}

// A stem with one channel is heard on both sides, as the browser plays it.
function add(mix, stem, gain) {
  if (gain === 0) return;
  for (let channel = 0; channel < CHANNELS; channel += 1) {
    const sum = mix.getChannelData(channel);
    const samples = stem.getChannelData(Math.min(channel, stem.numberOfChannels - 1));
    for (let at = 0; at < sum.length; at += 1) sum[at] += gain * samples[at];
  }
}

/** The highest absolute sample of a mix that is not made. */
export function peakOf(buffers, gains) {
  let peak = 0;
  for (let channel = 0; channel < CHANNELS; channel += 1) {
    const stems = buffers.map((buffer) => buffer.getChannelData(Math.min(channel, buffer.numberOfChannels - 1)));
    for (let at = 0; at < stems[0].length; at += 1) {
      let sum = 0;
      for (let stem = 0; stem < stems.length; stem += 1) sum += gains[stem] * stems[stem][at];
      peak = Math.max(peak, Math.abs(sum));
    }
  }
  return peak;
}

function newBuffer(shape) {
  return new AudioBuffer(shape);
}
