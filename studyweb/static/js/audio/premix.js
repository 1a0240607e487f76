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

function newBuffer(shape) {
  return new AudioBuffer(shape);
}
