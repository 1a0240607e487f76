// How loud each stem is in each condition: numbers only, no Web Audio.

/** A level in dB as a linear factor. */
export function dbToGain(db) {
  if (!Number.isFinite(db)) throw new RangeError(`a level must be a finite number of dB, not ${db}`);
  return 10 ** (db / 20);
}

/**
 * Linear gain of every stem in a condition, in the order of `stems`.
 * `condition` is {gains_db: {stem: dB}, trim_db}; a stem that is not named has 0 dB. Solo wins over mute.
 */
export function conditionGains(condition, stems, { soloed = new Set(), muted = new Set() } = {}) {
  return stems.map((stem) => {
    const audible = soloed.size > 0 ? soloed.has(stem) : !muted.has(stem);
    return audible ? dbToGain((condition.gains_db[stem] ?? 0) + (condition.trim_db ?? 0)) : 0;
  });
}

/** The stems whose level a condition changes, with their dB, in the order of `stems`. */
export function changedStems(condition, stems) {
  return stems.filter((stem) => (condition.gains_db[stem] ?? 0) !== 0).map((stem) => ({ stem, gain_db: condition.gains_db[stem] }));
}
