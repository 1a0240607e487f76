// What the player's sources are and how loud each is in a version: the stems, or, where memory is short, one mix of them
// for each version. Between two mixes of the same stems a straight crossfade is the same sound as moving the stems'
// gains along straight lines, so both switch alike.

import { conditionGains } from "./gains.js";

export const VERSIONS = ["problem", "A", "B"];

/** The stems themselves; a version is a set of gains. */
export function stemVoices(stems) {
  return { count: stems.length, gains: (version, conditions, levels) => conditionGains(conditions[version], stems, levels) };
}

/** One mix for each version, in the order of VERSIONS; a version is the one mix that is up. */
export function mixVoices() {
  return { count: VERSIONS.length, gains: (version) => VERSIONS.map((name) => (name === version ? 1 : 0)) };
}
