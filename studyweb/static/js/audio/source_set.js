// One set of sources: every stem once, started together on one clock. Sources are one-shot, so each seek is a new set.

import { Line } from "./line.js";
import { seamsBetween } from "./position.js";

export const EDGE_S = 0.005;

export class SourceSet {
  /** `buffers` and `outputs` (the stems' gain nodes) in the same order; `run` is {t0, offsetS, loop, looping}. */
  constructor(context, buffers, outputs, run) {
    this.run = run;
    this.seamsUntilS = run.t0;
    this.voices = buffers.map((buffer, index) => makeVoice(context, buffer, outputs[index], run));
    for (const { source, edge } of this.voices) {
      edge.rampTo(1, run.t0, EDGE_S);
      source.start(run.t0, run.offsetS);
    }
    if (!run.looping) this.#playOut(run.t0 + run.loop.endS - run.offsetS);
  }

  /** Calls `handler` once when a set that does not loop has played out. */
  onEnded(handler) {
    this.voices[0].source.onended = handler;
  }

  /** Plans the short fades around the loop's seams up to context time `untilS`. */
  planSeams(untilS) {
    for (const seamS of seamsBetween(this.run, this.seamsUntilS, untilS)) {
      for (const { edge } of this.voices) edge.dip(seamS, EDGE_S);
    }
    this.seamsUntilS = Math.max(this.seamsUntilS, untilS);
  }

  #playOut(endS) {
    for (const { source, edge } of this.voices) {
      edge.rampTo(0, Math.max(endS - EDGE_S, this.run.t0 + EDGE_S), EDGE_S);
      source.stop(endS);
    }
  }

  /** Fades out from `atS` over `fadeS` and stops. */
  stop(atS, fadeS = EDGE_S) {
    for (const { source, edge } of this.voices) {
      source.onended = null;
      edge.rampTo(0, atS, fadeS);
      source.stop(atS + fadeS);
    }
  }
}

function makeVoice(context, buffer, output, run) {
  const source = context.createBufferSource();
  const gain = context.createGain();
  source.buffer = buffer;
  source.loop = run.looping;
  source.loopStart = run.loop.startS;
  source.loopEnd = run.loop.endS;
  source.connect(gain).connect(output);
  return { source, edge: new Line(gain.gain, 0, context.currentTime) };
}
