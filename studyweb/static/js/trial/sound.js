// A trial's sound: brings the stems and gives them to the player, or where memory is short one mix for each version.

import { conditionGains } from "../audio/gains.js";
import { loadStem, loadStems } from "../audio/loader.js";
import { loudnessOf, measureVoices } from "../audio/loudness.js";
import { decodedBytes, memoryBudget } from "../audio/memory.js";
import { peakOf, premix } from "../audio/premix.js";
import { mixVoices, stemVoices, VERSIONS } from "../audio/voices.js";
import { fetchAsked } from "./early.js";

export class TrialSound {
  /** `audio`: as in the trial's data. `needsStems`: single stems are moved, so no mix can stand for them. */
  constructor(audio, { needsStems = false, budget = memoryBudget() } = {}) {
    this.audio = audio;
    this.shape = { rate: audio.sample_rate, frames: audio.frames };
    this.names = audio.stems.map((stem) => stem.name);
    this.bytes = decodedBytes(audio.stems.length, audio.frames);
    this.isPremixed = !needsStems && this.bytes > budget;
    if (this.isPremixed) this.bytes = decodedBytes(VERSIONS.length, audio.frames);
    this.voices = this.isPremixed ? mixVoices() : stemVoices(this.names);
    this.work = Promise.resolve();
    this.measured = null;
  }

  /** Brings what can be heard so far and gives it to the player. Rejects with LoadError. */
  bring(player, conditions, onProgress) {
    return this.#inTurn(async () => {
      const buffers = this.isPremixed ? await this.#mixes(versionsOf(conditions), conditions, onProgress) : await this.#stems(onProgress);
      player.load(buffers);
    }, player);
  }

  /** Makes released versions playable: stems have all it takes, mixes are made now. Rejects with LoadError. */
  release(player, conditions) {
    if (!this.isPremixed) {
      player.setConditions(conditions);
      return Promise.resolve();
    }
    return this.#inTurn(async () => {
      const missing = versionsOf(conditions).slice(player.buffers.length);
      if (missing.length > 0) player.load([...player.buffers, ...(await this.#mixes(missing, conditions))]);
      player.setConditions(conditions);
    }, player);
  }

  /** Loudness in LUFS of a condition over a region; null before it is measured, or where there is nothing to measure. */
  loudness(gains, region) {
    return this.measured ? loudnessOf(this.measured, gains, region) : null;
  }

  /** The highest sample of the stems with these linear gains, as an amplitude. */
  peak(player, gains) {
    return peakOf(player.buffers, gains);
  }

  /** {A, B}: how much louder each version is than the problem over a region, in LU to the tenth; null if not known. */
  differences(conditions, region) {
    if (this.measured?.voices !== this.voices.count) return null;
    const [problem, ...others] = VERSIONS.map((version) => this.loudness(this.voices.gains(version, conditions, {}), region));
    if (problem === null || others.includes(null)) return null;
    return { A: tenths(others[0] - problem), B: tenths(others[1] - problem) };
  }

  #inTurn(task, player) {
    this.work = this.work.catch(() => null).then(task);
    this.work.then(() => this.#measure(player), () => null);
    return this.work;
  }

  async #measure(player) {
    const buffers = player.buffers;
    if (this.measured?.voices === buffers.length) return;
    this.measured = await measureVoices(buffers);
    player.dispatchEvent(new Event("change"));
  }

  #stems(onProgress) {
    return loadStems(this.audio.stems, this.shape, { onProgress, fetchFile: fetchAsked });
  }

  #mixes(versions, conditions, onProgress = () => {}) {
    const total = this.audio.stems.reduce((sum, stem) => sum + stem.bytes, 0) || 1;
    let before = 0;
    const decodedStem = async (index) => {
      const stem = this.audio.stems[index];
      const buffer = await loadStem(stem, this.shape, { onBytes: (bytes) => onProgress((before + bytes) / total), fetchFile: fetchAsked });
      before += stem.bytes;
      return buffer;
    };
    const gainSets = versions.map((version) => conditionGains(conditions?.[version] ?? { gains_db: {} }, this.names));
    return premix({ stemCount: this.names.length, gainSets, decodedStem, ...this.shape });
  }
}

// What can be heard under these conditions: null before the reading is over.
function versionsOf(conditions) {
  return conditions ? VERSIONS : VERSIONS.slice(0, 1);
}

function tenths(value) {
  return Math.round(value * 10) / 10 + 0;
}
