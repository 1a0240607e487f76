// Sounds that tell headphones from loudspeakers, three short ones in a row of which one differs. Numbers only, no Web Audio.
// Antiphase: which tone is the quietest (Woods et al. 2017); over loudspeakers the one in antiphase seems so.
// Pitch in noise: which noise holds a faint tone (Milne et al. 2021, after Cramer and Huggins 1958); it is only between the ears.

export const SOUNDS = 3;
const SOUND_S = 1;
const GAP_S = 0.4;
const RAMP_S = 0.1;
const TONE_HZ = 200;
const QUIETER_DB = -6;
const TONE_PEAK = 0.25;
const PITCH_HZ = 600;
/** The phase turns over 6 % on either side. */
const PITCH_Q = 1 / 0.12;
const NOISE_PEAK = 0.1;

/** Three tones as [left, right] of samples: the one at `quiet` is 6 dB quieter, the one at `inverted` in antiphase. */
export function antiphaseSounds(rate, { quiet, inverted }) {
  return inARow(rate, (sound) => {
    const level = TONE_PEAK * (sound === quiet ? 10 ** (QUIETER_DB / 20) : 1);
    const left = shaped(rate, (at) => level * Math.sin((2 * Math.PI * TONE_HZ * at) / rate));
    return [left, sound === inverted ? left.map((sample) => -sample) : left];
  });
}

/** Three noises as [left, right] of samples: in the one at `pitched` the right ear's phase turns once around 600 Hz. */
export function pitchSounds(rate, { pitched }, random = Math.random) {
  return inARow(rate, (sound) => {
    const noise = Float32Array.from({ length: rate * SOUND_S }, () => NOISE_PEAK * (2 * random() - 1));
    const left = shaped(rate, (at) => noise[at]);
    const turned = sound === pitched ? allPassed(noise, rate) : noise;
    return [left, shaped(rate, (at) => turned[at])];
  });
}

// A second-order all-pass, whose phase turns by a whole circle around its frequency (Bristow-Johnson's cookbook).
function allPassed(samples, rate) {
  const angle = (2 * Math.PI * PITCH_HZ) / rate;
  const alpha = Math.sin(angle) / (2 * PITCH_Q);
  const [a0, a1, a2] = [1 + alpha, -2 * Math.cos(angle), 1 - alpha];
  let [s1, s2] = [0, 0];
  return samples.map((x) => {
    const y = (a2 / a0) * x + s1;
    s1 = (a1 / a0) * x - (a1 / a0) * y + s2;
    s2 = x - (a2 / a0) * y;
    return y;
  });
}

function shaped(rate, sampleAt) {
  const ramp = RAMP_S * rate;
  const length = rate * SOUND_S;
  return Float32Array.from({ length }, (_, at) => sampleAt(at) * Math.min(1, at / ramp, (length - 1 - at) / ramp));
}

function inARow(rate, sidesOf) {
  const every = Math.round((SOUND_S + GAP_S) * rate);
  const row = [0, 1].map(() => new Float32Array(SOUNDS * every));
  for (let sound = 0; sound < SOUNDS; sound += 1) sidesOf(sound).forEach((samples, side) => row[side].set(samples, sound * every));
  return row;
}
