// Brings a trial's stems: bytes with progress, then decoded at the files' own rate, one length for all.

const TRIES = 4;
const FIRST_WAIT_MS = 700;

/** A stem could not be fetched, or (`isUnreadable`) does not decode to what the server promised. */
export class LoadError extends Error {
  constructor(message, { isUnreadable = false } = {}) {
    super(message);
    this.isUnreadable = isUnreadable;
  }
}

/**
 * Fetches and decodes all stems ([{name, url, bytes}]) at once, each decoded as soon as it is there; resolves with their
 * AudioBuffers in order. `onProgress(share)` runs from 0 to 1 by bytes. `shape`: {rate, frames}, the same for all. Raises
 * LoadError when one does not come after several tries, does not decode, or has another length.
 */
export async function loadStems(stems, shape, { onProgress = () => {}, ...parts } = {}) {
  const loaded = stems.map(() => 0);
  const total = stems.reduce((sum, stem) => sum + stem.bytes, 0) || 1;
  const report = (index, bytes) => {
    loaded[index] = bytes;
    onProgress(Math.min(1, loaded.reduce((sum, value) => sum + value, 0) / total));
  };
  return Promise.all(stems.map((stem, index) => loadStem(stem, shape, { onBytes: (bytes) => report(index, bytes), ...parts })));
}

/** Fetches and decodes one stem. */
export async function loadStem(stem, shape, { onBytes = () => {}, fetchFile = fetch, wait = sleep, makeDecoder = offlineDecoder } = {}) {
  return decoded(await fetchWithTries(stem, onBytes, fetchFile, wait), shape, makeDecoder);
}

async function fetchWithTries(stem, report, fetchFile, wait) {
  let reason = "";
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (attempt > 0) await wait(FIRST_WAIT_MS * 2 ** (attempt - 1));
    try {
      return await fetchOnce(stem.url, report, fetchFile);
    } catch (error) {
      reason = error.message;
      if (error.isFinal) break;
    }
  }
  throw new LoadError(reason);
}

async function fetchOnce(url, report, fetchFile) {
  const response = await fetchFile(url, { credentials: "same-origin" });
  if (!response.ok) {
    const error = new LoadError(`the server answered ${response.status}`);
    error.isFinal = [403, 404, 410].includes(response.status);
    throw error;
  }
  const chunks = [];
  let bytes = 0;
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    bytes += part.value.length;
    report(bytes);
  }
  return joined(chunks, bytes);
}

function joined(chunks, length) {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all.buffer;
}

async function decoded(file, { rate, frames }, makeDecoder) {
  const buffer = await makeDecoder(rate).decodeAudioData(file).catch((error) => {
    throw new LoadError(error.message, { isUnreadable: true });
  });
  if (buffer.length !== frames) throw new LoadError(`${buffer.length} frames of ${frames}`, { isUnreadable: true });
  return buffer;
}

/** Reads the next trial's files into the browser's cache, one after the other; failures do not matter. */
export async function prefetch(urls, fetchFile = fetch) {
  for (const url of urls) {
    try {
      const response = await fetchFile(url, { credentials: "same-origin", priority: "low" });
      await response.arrayBuffer();
    } catch {
      return;
    }
  }
}

// Decoding needs no gesture and no running context: an offline one decodes at the rate it was made with.
function offlineDecoder(rate) {
  return new OfflineAudioContext(1, 1, rate);
}

function sleep(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
