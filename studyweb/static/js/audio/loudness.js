// Loudness after ITU-R BS.1770 of any gains over the decoded voices and of any region, without rendering anything:
// K-weighting is linear, so the power of a mix is g'Gg over the products of the K-weighted voices, kept for each tenth of
// a second. Both channels weigh 1, as on the server.

const HOPS_PER_S = 10;
const HOPS_PER_BLOCK = 4;
const OFFSET_LUFS = -0.691;
const ABSOLUTE_GATE = 10 ** ((-70 - OFFSET_LUFS) / 10);
const RELATIVE_GATE = 10 ** -1;
const BUSY_MS = 8;

/** The two sections of K-weighting at a sample rate, as [b0, b1, b2, a1, a2] (De Man's analogue parameters). */
export function kWeighting(rate) {
  return [shelf(rate), highPass(rate)];
}

function shelf(rate) {
  const k = Math.tan((Math.PI * 1681.974450955533) / rate);
  const high = 10 ** (3.999843853973347 / 20);
  const band = high ** 0.4996667741545416;
  const damped = k / 0.7071752369554196;
  const a0 = 1 + damped + k * k;
  return [(high + band * damped + k * k) / a0, (2 * (k * k - high)) / a0, (high - band * damped + k * k) / a0, (2 * (k * k - 1)) / a0, (1 - damped + k * k) / a0];
}

function highPass(rate) {
  const k = Math.tan((Math.PI * 38.13547087602444) / rate);
  const damped = k / 0.5003270373238773;
  const a0 = 1 + damped + k * k;
  return [1, -2, 1, (2 * (k * k - 1)) / a0, (1 - damped + k * k) / a0];
}

/**
 * Products of all pairs of K-weighted voices (AudioBuffers of one rate and length), hop by hop: {voices, powers}, where
 * `powers` holds voices x voices numbers a hop. Works in short turns; `pause()` lets the page breathe between them.
 */
export async function measureVoices(buffers, { pause = breathe, nowMs = () => performance.now() } = {}) {
  const { sampleRate: rate, length } = buffers[0];
  const hops = Math.floor((length / rate) * HOPS_PER_S + 1e-9);
  const lines = buffers.map((buffer) => channelsOf(buffer).map((samples) => new WeightedLine(samples, rate)));
  const powers = new Float64Array(hops * buffers.length ** 2);
  let sinceMs = nowMs();
  for (let hop = 0; hop < hops; hop += 1) {
    const [from, to] = [hop, hop + 1].map((edge) => Math.floor((edge * rate) / HOPS_PER_S + 1e-6));
    addProducts(lines.map((channels) => channels.map((line) => line.next(from, to))), powers, hop, to - from);
    if (nowMs() - sinceMs < BUSY_MS) continue;
    await pause();
    sinceMs = nowMs();
  }
  return { voices: buffers.length, powers };
}

// A single channel is heard on both sides.
function channelsOf(buffer) {
  return [0, 1].map((channel) => buffer.getChannelData(Math.min(channel, buffer.numberOfChannels - 1)));
}

/** One channel on its way through the two sections, piece by piece. */
class WeightedLine {
  constructor(samples, rate) {
    this.samples = samples;
    this.sections = kWeighting(rate).map((factors) => ({ factors, s1: 0, s2: 0 }));
  }

  next(from, to) {
    const piece = Float64Array.from(this.samples.subarray(from, to));
    for (const section of this.sections) {
      const [b0, b1, b2, a1, a2] = section.factors;
      let { s1, s2 } = section;
      for (let at = 0; at < piece.length; at += 1) {
        const x = piece[at];
        const y = b0 * x + s1;
        s1 = b1 * x - a1 * y + s2;
        s2 = b2 * x - a2 * y;
        piece[at] = y;
      }
      Object.assign(section, { s1, s2 });
    }
    return piece;
  }
}

function addProducts(pieces, powers, hop, samples) {
  const voices = pieces.length;
  for (let one = 0; one < voices; one += 1) {
    for (let other = one; other < voices; other += 1) {
      let sum = 0;
      pieces[one].forEach((piece, channel) => {
        const against = pieces[other][channel];
        for (let at = 0; at < piece.length; at += 1) sum += piece[at] * against[at];
      });
      powers[(hop * voices + one) * voices + other] = sum / samples;
      powers[(hop * voices + other) * voices + one] = sum / samples;
    }
  }
}

/** Integrated loudness in LUFS of voices with these linear gains, gates included; null where there is none to measure. */
export function loudnessOf({ voices, powers }, gains, { startS = 0, endS = Infinity } = {}) {
  const hops = powers.length / voices ** 2;
  const [first, last] = [Math.ceil(startS * HOPS_PER_S - 1e-6), Math.min(hops, Math.floor(endS * HOPS_PER_S + 1e-6))];
  const hopPowers = [];
  for (let hop = first; hop < last; hop += 1) hopPowers.push(hopPower(powers, voices, hop, gains));
  const blocks = hopPowers.slice(HOPS_PER_BLOCK - 1).map((_, at) => mean(hopPowers.slice(at, at + HOPS_PER_BLOCK)));
  const loud = blocks.filter((power) => power > ABSOLUTE_GATE);
  const gate = mean(loud) * RELATIVE_GATE;
  const counted = loud.filter((power) => power > gate);
  return counted.length > 0 ? OFFSET_LUFS + 10 * Math.log10(mean(counted)) : null;
}

function hopPower(powers, voices, hop, gains) {
  let sum = 0;
  for (let one = 0; one < voices; one += 1) {
    for (let other = 0; other < voices; other += 1) sum += gains[one] * gains[other] * powers[(hop * voices + one) * voices + other];
  }
  return sum;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function breathe() {
  return new Promise((done) => setTimeout(done, 0));
}
