// The engine: all voices (the stems) on one clock, one gain per voice; a version (problem, A, B) is a set of gains, never
// another set of sources. What is heard changes by ramps; where it is, never.

import { ClockWatch } from "./clock_watch.js";
import { dbToGain } from "./gains.js";
import { HeardTime } from "./heard.js";
import { Line } from "./line.js";
import { clampToLoop, normaliseLoop, onFrame, positionAt } from "./position.js";
import { EDGE_S, SourceSet } from "./source_set.js";
import { stemVoices, VERSIONS } from "./voices.js";

export const RAMP_S = 0.015;
/** Moves are planned this far ahead of the clock, so that none begins in a block that is already being rendered. */
export const LEAD_S = 0.01;
const SEAMS_AHEAD_S = 30;
const WATCH_MS = 250;
const PROBLEM = { gains_db: {}, trim_db: 0 };

export class Player extends EventTarget {
  /**
   * `stems`: names in order; `voices`: what the sources are, the stems unless said (see voices.js). `lengthS`, `rate`:
   * of the files. `makeContext`: () => AudioContext, called on the first play. `log(kind, payload)`: where events go.
   * `every(ms, f)` and `wallMs()` are replaced in tests.
   */
  constructor({ stems, voices = stemVoices(stems), lengthS, rate, makeContext, log = () => {}, every = setInterval, wallMs = () => performance.now() }) {
    super();
    Object.assign(this, { stems, voices, lengthS, rate, makeContext, log, wallMs });
    this.conditions = { problem: PROBLEM };
    this.version = "problem";
    this.soloed = new Set();
    this.muted = new Set();
    this.volumeDb = 0;
    this.sinkId = "";
    this.loop = { startS: 0, endS: onFrame(lengthS, rate) };
    this.looping = true;
    this.pausedAtS = 0;
    this.playing = false;
    this.stalled = false;
    this.switches = 0;
    this.dragged = null;
    this.heard = new HeardTime(VERSIONS);
    this.watch = new ClockWatch();
    this.buffers = null;
    this.context = null;
    this.set = null;
    this.timer = every(() => this.tick(), WATCH_MS);
  }

  /** Gives the voices' decoded buffers, in order; playing is possible from now on. More may follow while it plays. */
  load(buffers) {
    this.buffers = buffers;
    if (this.playing) this.#goOn();
    else this.#changed();
  }

  /** Adds the versions that may be heard from now on. */
  setConditions(conditions) {
    this.conditions = { ...conditions, problem: conditions.problem ?? PROBLEM };
    if (this.version in this.conditions) this.#applyGains();
    else this.switchTo("problem");
  }

  get isReady() {
    return this.buffers !== null;
  }

  get now() {
    return this.context ? this.context.currentTime : 0;
  }

  /** Where playback is, in seconds of the excerpt. */
  position() {
    return this.set && this.playing ? positionAt(this.set.run, this.now) : this.pausedAtS;
  }

  /** Plays from where it was left; must first be called from a gesture. */
  play() {
    if (!this.isReady || this.playing) return;
    this.#openContext();
    this.playing = true;
    this.watch.reset();
    this.#startAt(this.pausedAtS, this.now + 2 * LEAD_S);
    this.log("play", { position_s: this.pausedAtS, version: this.version });
    this.#changed();
  }

  pause() {
    if (!this.playing) return;
    const atS = this.now + LEAD_S;
    this.pausedAtS = onFrame(positionAt(this.set.run, atS), this.rate);
    this.set.stop(atS, RAMP_S);
    this.#stopped("pause");
  }

  toggle() {
    if (this.stalled) this.resume();
    else if (this.playing) this.pause();
    else this.play();
  }

  /** Goes to a position, inside the loop region while there is one. */
  seek(positionS) {
    this.drag(positionS);
    this.endDrag();
  }

  /** Goes to a position on the way to another one: one seek is noted, from the first to the last, when the drag ends. */
  drag(positionS) {
    const target = onFrame(clampToLoop(Math.min(Math.max(positionS, 0), this.lengthS), this.loop), this.rate);
    this.dragged = { from_s: this.dragged?.from_s ?? this.position(), to_s: target };
    this.#moveTo(target);
  }

  endDrag() {
    if (this.dragged) this.log("seek", this.dragged);
    this.dragged = null;
  }

  /** Sets the loop region; returns the region as it became. */
  setLoop(region) {
    this.loop = normaliseLoop(region, this.lengthS, this.rate);
    this.log("loop", { start_s: this.loop.startS, end_s: this.loop.endS });
    this.#goOn();
    return this.loop;
  }

  setLooping(looping) {
    this.looping = looping;
    this.log("looping", { on: looping });
    this.#goOn();
  }

  /** Plays another version from the very sample on; unknown or not yet released versions are refused. */
  switchTo(version) {
    if (!(version in this.conditions)) throw new RangeError(`there is no version ${version} to hear`);
    if (version === this.version) return;
    this.log("switch", { from: this.version, to: version, position_s: this.position() });
    this.version = version;
    this.switches += 1;
    this.#applyGains();
    if (this.playing) this.heard.change(this.now, version);
    this.#changed();
  }

  setSolo(stem, on) {
    this.soloed[on ? "add" : "delete"](stem);
    this.#levelsChanged("solo", { stem, on });
  }

  setMute(stem, on) {
    this.muted[on ? "add" : "delete"](stem);
    this.#levelsChanged("mute", { stem, on });
  }

  /** Plays louder or softer; the level that it ends at is noted by `endVolume`. */
  setVolume(volumeDb) {
    this.volumeDb = volumeDb;
    this.masterLine?.rampTo(dbToGain(volumeDb), this.now + LEAD_S, RAMP_S);
  }

  endVolume() {
    this.log("volume", { volume_db: this.volumeDb });
  }

  /** Wakes a clock that stands still: resumes it, and if that does not help begins a new one at the same place. */
  async resume() {
    const before = this.now;
    this.log("resume", { state: this.context.state });
    this.context.resume().catch((error) => this.log("resume_failed", { message: String(error) }));
    await new Promise((done) => setTimeout(done, 400));
    if (this.now === before && this.stalled) this.#renewContext();
    this.watch.reset();
    this.tick();
  }

  /** Sends the sound to an output device, now and in every later context; "" is the browser's default. */
  async setOutput(deviceId) {
    this.sinkId = deviceId;
    this.log("output", { chosen: deviceId !== "" });
    if (this.context !== null) await this.#sendToOutput();
    this.#changed();
  }

  /** Regular look: heard time, the loop's seams, and whether the clock runs. */
  tick() {
    if (!this.playing) return;
    this.heard.advance(this.now);
    this.set.planSeams(this.now + SEAMS_AHEAD_S);
    const stalled = this.watch.isStalled(this.wallMs(), this.now);
    if (stalled !== this.stalled) {
      this.stalled = stalled;
      this.log(stalled ? "stall" : "recovered", { state: this.context.state, position_s: this.position() });
      this.#changed();
    }
  }

  /** {seconds: by version, switches}: what was heard so far, for `recall` on a page opened later. */
  heardSoFar() {
    return { seconds: this.heard.rounded(), switches: this.switches };
  }

  /** Adds what an earlier page of this trial had heard. */
  recall({ seconds, switches }) {
    this.heard.add(seconds);
    this.switches += switches;
    this.#changed();
  }

  close() {
    clearInterval(this.timer);
    this.playing = false;
    this.context?.close?.();
  }

  #openContext() {
    if (this.context === null) {
      this.context = this.makeContext();
      this.#buildGraph();
      if (this.sinkId !== "") this.#sendToOutput();
      this.heard.restart(this.now);
      this.log("context", contextFacts(this.context));
      this.context.addEventListener?.("statechange", () => this.log("context_state", { state: this.context.state }));
    }
    if (this.context.state !== "running") {
      this.context.resume?.().catch((error) => this.log("resume_failed", { message: String(error) }));
    }
  }

  // An output that is gone or no longer allowed must not cost the sound: the default takes over.
  async #sendToOutput() {
    try {
      await this.context.setSinkId(this.sinkId);
    } catch (error) {
      this.log("output_failed", { message: String(error) });
      this.sinkId = this.context.sinkId ?? "";
      this.#changed();
    }
  }

  #buildGraph() {
    const master = this.context.createGain();
    master.connect(this.context.destination);
    this.masterLine = new Line(master.gain, dbToGain(this.volumeDb), this.now);
    const gains = this.#targets();
    this.voiceGains = Array.from({ length: this.voices.count }, () => this.context.createGain());
    this.voiceGains.forEach((node) => node.connect(master));
    this.voiceLines = this.voiceGains.map((node, index) => new Line(node.gain, gains[index], this.now));
  }

  #renewContext() {
    const positionS = this.position();
    this.context.close?.();
    this.context = null;
    this.set = null;
    this.#openContext();
    this.#startAt(positionS, this.now + 2 * LEAD_S);
  }

  #targets() {
    return this.voices.gains(this.version, this.conditions, this);
  }

  #applyGains() {
    if (this.context === null) return;
    const atS = this.now + LEAD_S;
    this.#targets().forEach((gain, index) => this.voiceLines[index].rampTo(gain, atS, RAMP_S));
  }

  #levelsChanged(kind, payload) {
    this.log(kind, payload);
    this.#applyGains();
    this.#changed();
  }

  #moveTo(positionS) {
    this.pausedAtS = positionS;
    if (this.playing) this.#startAt(positionS, this.now + LEAD_S);
    this.#changed();
  }

  /** The same place under new loop settings: the old set fades into a new one that is in phase with it. */
  #goOn() {
    const atS = onFrame(this.now + LEAD_S, this.context?.sampleRate ?? this.rate);
    this.#moveTo(clampToLoop(this.playing ? positionAt(this.set.run, atS) : this.pausedAtS, this.loop));
  }

  #startAt(positionS, atS) {
    const t0 = onFrame(atS, this.context.sampleRate);
    this.set?.stop(t0);
    const run = { t0, offsetS: onFrame(clampToLoop(positionS, this.loop), this.rate), loop: this.loop, looping: this.looping };
    this.set = new SourceSet(this.context, this.buffers, this.voiceGains, run);
    this.set.onEnded(() => this.#ended());
    this.set.planSeams(this.now + SEAMS_AHEAD_S);
    this.heard.change(this.now, this.version);
  }

  #ended() {
    this.pausedAtS = this.loop.startS;
    this.#stopped("ended");
  }

  #stopped(kind) {
    this.heard.change(this.now, null);
    this.playing = false;
    this.stalled = false;
    this.set = null;
    this.log(kind, { position_s: this.pausedAtS, version: this.version });
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** What the device says about itself; rounded or absent values are null. */
export function contextFacts(context) {
  return {
    sample_rate: context.sampleRate,
    base_latency_s: context.baseLatency ?? null,
    output_latency_s: context.outputLatency ?? null,
    state: context.state,
    edge_s: EDGE_S,
    ramp_s: RAMP_S,
  };
}
