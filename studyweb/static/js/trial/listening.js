// What was heard and how, as it is stored with a step's answers.

import { canBeHeard } from "./advices.js";

/** The versions that still lack `gateSeconds` of listening. */
export function unheard(player, conditions, gateSeconds) {
  if (!canBeHeard(conditions)) return [];
  return ["problem", "A", "B"].filter((name) => player.heard.seconds[name] < gateSeconds);
}

// Whether each version was heard for long enough; null where that is not asked: in other steps, and where nothing can be heard.
function gateMet(player, step, conditions, gateSeconds) {
  if (step !== "hear" || !canBeHeard(conditions)) return null;
  return unheard(player, conditions, gateSeconds).length === 0;
}

/** The context of a step's answers. */
export function listeningContext({ player, sound, step, conditions, gateSeconds, msOnStep }) {
  player.tick();
  const context = player.context;
  return {
    step,
    heard_s: player.heard.rounded(),
    switches: player.switches,
    gate_met: gateMet(player, step, conditions, gateSeconds),
    loop: [player.loop.startS, player.loop.endS],
    loop_difference_lu: canBeHeard(conditions) ? sound.differences(conditions, player.loop) : null,
    soloed: [...player.soloed],
    muted: [...player.muted],
    volume_db: player.volumeDb,
    device_sample_rate: context?.sampleRate ?? null,
    base_latency_s: context?.baseLatency ?? null,
    output_latency_s: context?.outputLatency ?? null,
    decoded_bytes: sound.bytes,
    premixed: sound.isPremixed,
    ms_on_step: Math.round(msOnStep),
  };
}
