// How much decoded audio this computer is trusted with.

const MIB = 2 ** 20;
/** What no computer is asked for in a trial. */
export const MOST_BYTES = 150 * MIB;
/** Tabs of small computers are closed at a few hundred MB: this much for each GiB that the browser says there is. */
const BYTES_PER_GIB = 64 * MIB;

/** Bytes of decoded audio that a trial may take; browsers that do not tell their memory get the most. */
export function memoryBudget(deviceMemoryGib = globalThis.navigator?.deviceMemory) {
  return Math.min(MOST_BYTES, (deviceMemoryGib ?? Infinity) * BYTES_PER_GIB);
}

/** Bytes that decoded stems take in memory: float32, `channels` each. */
export function decodedBytes(stemCount, frames, channels = 2) {
  return stemCount * frames * channels * 4;
}
