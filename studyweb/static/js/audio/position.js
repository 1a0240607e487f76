// Where playback is: loop and seek arithmetic in whole frames of the files, so that every stem agrees to the sample.

export const MIN_LOOP_S = 4;

/** The nearest whole frame, as seconds. */
export function onFrame(seconds, rate) {
  return Math.round(seconds * rate) / rate;
}

/** A loop region inside the excerpt, at least `minS` long (or the whole excerpt where that is shorter), on frames. */
export function normaliseLoop({ startS, endS }, lengthS, rate, minS = MIN_LOOP_S) {
  const shortest = Math.min(minS, lengthS);
  const clamp = (value) => Math.min(Math.max(Number.isFinite(value) ? value : 0, 0), lengthS);
  let [start, end] = [clamp(startS), clamp(endS)].sort((x, y) => x - y);
  if (end - start < shortest) {
    end = Math.min(start + shortest, lengthS);
    start = Math.max(end - shortest, 0);
  }
  return { startS: onFrame(start, rate), endS: onFrame(end, rate) };
}

/** A position inside the loop region. */
export function clampToLoop(positionS, loop) {
  return positionS >= loop.endS || positionS < loop.startS ? loop.startS : positionS;
}

/**
 * Position in the excerpt at context time `t` of a run {t0, offsetS, loop: {startS, endS}, looping}: started at `t0`
 * from `offsetS`, wrapping at the region's end if it loops and else standing there.
 */
export function positionAt(run, t) {
  const played = run.offsetS + Math.max(0, t - run.t0);
  if (played < run.loop.endS) return played;
  if (!run.looping) return run.loop.endS;
  const length = run.loop.endS - run.loop.startS;
  return run.loop.startS + ((played - run.loop.startS) % length);
}

/** The context times after `fromS` and up to `untilS` at which the run wraps from the region's end to its start. */
export function seamsBetween(run, fromS, untilS) {
  if (!run.looping) return [];
  const length = run.loop.endS - run.loop.startS;
  const firstS = run.t0 + run.loop.endS - run.offsetS;
  const seams = [];
  const skipped = Math.max(0, Math.floor((fromS - firstS) / length));
  for (let k = skipped; firstS + k * length <= untilS; k += 1) {
    const seam = firstS + k * length;
    if (seam > fromS) seams.push(seam);
  }
  return seams;
}

/** Seconds as m:ss.t, for people. */
export function clockText(seconds) {
  const tenths = Math.max(0, Math.round(seconds * 10));
  const rest = (tenths % 600) / 10;
  return `${Math.floor(tenths / 600)}:${rest < 10 ? "0" : ""}${rest.toFixed(1)}`;
}
