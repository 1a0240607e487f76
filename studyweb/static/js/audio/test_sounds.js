// Sounds for the sound check, made here: no file has to load and nothing of a study is heard before its time.

const NOISE_S = 4;
/** Root mean square of the noise: about as loud as the passages. */
const NOISE_RMS_DB = -20;
const TONE_S = 0.7;
const FADE_S = 0.02;

/** Pink-like noise, the same on both sides, that can be repeated: an AudioBuffer of [2, samples]. */
export function noiseBuffer(context, { inverted = false } = {}) {
  const samples = pinkNoise(Math.round(NOISE_S * context.sampleRate));
  const buffer = context.createBuffer(2, samples.length, context.sampleRate);
  buffer.copyToChannel(samples, 0);
  buffer.copyToChannel(inverted ? samples.map((value) => -value) : samples, 1);
  return buffer;
}

/** Plays a short soft tone on one side: pan -1 is left, 1 is right. Resolves when it is over. */
export function playSide(context, output, pan) {
  const oscillator = context.createOscillator();
  oscillator.frequency.value = 440;
  const channels = context.createChannelMerger(2);
  const envelope = fadedGain(context, TONE_S, 0.18);
  oscillator.connect(envelope).connect(channels, 0, pan < 0 ? 0 : 1);
  channels.connect(output);
  return finished(oscillator, context, TONE_S);
}

/** Plays a buffer once, for `seconds`; resolves when it is over. */
export function playOnce(context, output, buffer, seconds) {
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(fadedGain(context, seconds, 1)).connect(output);
  return finished(source, context, seconds);
}

// Sums random values that are held for 1, 2, 4 ... samples (Voss, in Gardner 1978): about 3 dB an octave.
function pinkNoise(length) {
  const rows = Array.from({ length: 12 }, () => Math.random() * 2 - 1);
  const samples = new Float32Array(length);
  let power = 0;
  for (let at = 0; at < length; at += 1) {
    rows.forEach((_, row) => {
      if (at % 2 ** row === 0) rows[row] = Math.random() * 2 - 1;
    });
    samples[at] = rows.reduce((sum, value) => sum + value, 0);
    power += samples[at] ** 2;
  }
  const scale = 10 ** (NOISE_RMS_DB / 20) / Math.sqrt(power / length);
  return samples.map((value) => value * scale);
}

function fadedGain(context, seconds, level) {
  const node = context.createGain();
  const t0 = context.currentTime;
  node.gain.setValueAtTime(0, t0);
  node.gain.linearRampToValueAtTime(level, t0 + FADE_S);
  node.gain.setValueAtTime(level, t0 + seconds - FADE_S);
  node.gain.linearRampToValueAtTime(0, t0 + seconds);
  return node;
}

function finished(source, context, seconds) {
  source.start();
  source.stop(context.currentTime + seconds);
  return new Promise((done) => {
    source.onended = done;
  });
}
