// The listening desk: binds the player to the waveform, the transport, the versions, stems, loop, volume and output.

import { clockText } from "../audio/position.js";
import { VERSIONS } from "../audio/voices.js";
import { readVolume, writeVolume } from "../audio/volume.js";
import { announce, element, luText, say } from "./text.js";
import { Waveform } from "./waveform.js";

const byId = (id) => document.getElementById(id);

export class Desk {
  /** `sound`, `audio` as in the trial's data; `gateSeconds`: how long each version should be heard; `onVersion(name)`. */
  constructor({ player, sound, audio, gateSeconds, onVersion }) {
    Object.assign(this, { player, sound, audio, gateSeconds, onVersion });
    this.conditions = null;
    this.shown = {};
    this.wave = new Waveform(byId("wave-canvas"), {
      peaks: audio.waveform ?? [],
      lengthS: player.lengthS,
      onSeek: (positionS) => player.seek(positionS),
      onLoop: (region) => this.setLoop(region),
    });
    this.#bindTransport();
    this.#bindStems();
    this.#bindLoop();
    this.#bindVolume();
    this.renderVersions(null);
    player.addEventListener("change", () => this.refresh());
    this.refresh();
    this.#animate();
  }

  /** Draws the choice of versions: the problem alone, or all three once they can be heard. */
  renderVersions(conditions) {
    this.conditions = conditions;
    this.offer(conditions ? VERSIONS : VERSIONS.slice(0, 1));
  }

  /** Draws the choice among these versions. */
  offer(names) {
    this.offered = names;
    const place = byId("versions");
    place.querySelectorAll(".version").forEach((old) => old.remove());
    place.hidden = names.length === 1;
    names.forEach((name, index) => place.append(this.#versionOption(name, index)));
    this.marks = place.querySelectorAll("[data-heard]");
    this.refresh();
  }

  /** Chooses a version, by key or by click; does nothing where it cannot be heard. */
  choose(name) {
    if (!(name in this.player.conditions)) return;
    this.player.switchTo(name);
    announce(say("now_playing", { version: versionName(name) }));
    this.onVersion(name);
  }

  /** Chooses a version by its place, from 1. */
  chooseNumber(number) {
    if (this.offered.length >= number) this.choose(this.offered[number - 1]);
  }

  setLoop(region) {
    const { startS, endS } = this.player.setLoop(region);
    const differences = this.#differences();
    if (differences) this.player.log("loop_difference", { start_s: startS, end_s: endS, lu: differences });
    announce(say("loop_is", { start: startS.toFixed(1), end: endS.toFixed(1) }));
  }

  wholeLoop() {
    this.player.setLoop({ startS: 0, endS: this.player.lengthS });
    announce(say("loop_whole"));
  }

  /** Sets the loop's beginning or end to where playback is. */
  markLoop(edge) {
    this.setLoop({ ...this.player.loop, [edge]: this.player.position() });
  }

  refresh() {
    const { player } = this;
    const play = byId("play");
    play.disabled = !player.isReady;
    play.classList.toggle("is-on", player.playing);
    play.setAttribute("aria-label", say(player.playing ? "pause" : "play"));
    byId("transport").classList.toggle("is-playing", player.playing);
    byId("wake").hidden = !player.stalled;
    byId("versions").querySelectorAll("input").forEach((input) => {
      input.checked = input.value === player.version;
    });
    const whole = player.loop.startS === 0 && player.loop.endS >= player.lengthS - 0.01;
    byId("loop-whole").disabled = whole;
    for (const [id, value] of [["loop-start", player.loop.startS], ["loop-end", player.loop.endS]]) {
      if (document.activeElement !== byId(id)) byId(id).value = value.toFixed(1);
    }
    this.#refreshStems();
    this.#showDifferences();
    this.#showPosition();
  }

  #versionOption(name, index) {
    const input = element("input", { type: "radio", name: "version", value: name, onchange: () => this.choose(name) });
    const face = element("span", { class: "version-face" });
    if (["A", "B"].includes(name)) face.append(element("span", { class: "slot-letter", "data-slot": name, "aria-hidden": "true" }, name));
    face.append(element("span", { class: "version-name" }, versionName(name)));
    face.append(element("span", { class: "version-heard", "data-heard": name }));
    face.append(element("kbd", { "aria-hidden": "true" }, String(index + 1)));
    return element("label", { class: "version", "data-slot": name }, input, face);
  }

  #bindTransport() {
    const { player } = this;
    const markStuck = ([wave]) => byId("transport").classList.toggle("is-stuck", !wave.isIntersecting);
    new IntersectionObserver(markStuck).observe(byId("wave"));
    byId("play").addEventListener("click", () => player.toggle());
    byId("wake").addEventListener("click", () => player.resume());
    const seek = byId("seek");
    seek.max = String(player.lengthS);
    seek.addEventListener("input", () => player.drag(Number(seek.value)));
    seek.addEventListener("change", () => player.endDrag());
  }

  #bindStems() {
    const place = byId("stems");
    place.hidden = !this.audio.solo;
    if (!this.audio.solo) return;
    if (this.sound.isPremixed) {
      place.append(element("p", { class: "stems-note" }, say("no_solo")));
      return;
    }
    for (const stem of this.audio.stems) {
      const { label } = stem;
      const toggle = (kind, face) =>
        element("button", { type: "button", class: `stem-button stem-${kind}`, "data-stem": stem.name, "data-kind": kind, "aria-pressed": "false", "aria-label": say(kind, { stem: label }), title: say(kind, { stem: label }), onclick: () => this.#toggleStem(kind, stem.name) }, face);
      place.append(element("div", { class: "stem" }, element("span", { class: "stem-name", "aria-hidden": "true" }, label), toggle("solo", "S"), toggle("mute", "M")));
    }
  }

  #toggleStem(kind, stem) {
    const { player } = this;
    if (kind === "solo") player.setSolo(stem, !player.soloed.has(stem));
    else player.setMute(stem, !player.muted.has(stem));
  }

  #refreshStems() {
    for (const button of byId("stems").querySelectorAll("button")) {
      const chosen = button.dataset.kind === "solo" ? this.player.soloed : this.player.muted;
      button.setAttribute("aria-pressed", String(chosen.has(button.dataset.stem)));
    }
  }

  #bindLoop() {
    const read = () => this.setLoop({ startS: Number(byId("loop-start").value), endS: Number(byId("loop-end").value) });
    for (const id of ["loop-start", "loop-end"]) {
      byId(id).max = this.player.lengthS.toFixed(1);
      byId(id).addEventListener("change", () => {
        read();
        byId(id).value = this.player.loop[id === "loop-start" ? "startS" : "endS"].toFixed(1);
      });
    }
    byId("loop-whole").addEventListener("click", () => this.wholeLoop());
  }

  #differences() {
    return this.conditions && this.sound.differences(this.conditions, this.player.loop);
  }

  // Matched over the whole excerpt, versions may differ a little inside a loop; the page says by how much.
  #showDifferences() {
    const lu = this.#differences();
    const text = lu ? say("loop_difference", { a: luText(lu.A), b: luText(lu.B) }) : "";
    this.#show("loop-difference", text, (node) => {
      node.textContent = text;
    });
  }

  // Touches the page only where something changed: what happens sixty times a second must not keep a key waiting.
  #show(id, key, change) {
    if (this.shown[id] === key) return;
    this.shown[id] = key;
    change(byId(id));
  }

  #bindVolume() {
    const slider = byId("volume");
    slider.value = String(readVolume());
    this.player.setVolume(Number(slider.value));
    this.player.endVolume();
    const show = () => slider.setAttribute("aria-valuetext", `${slider.value} dB`);
    slider.addEventListener("input", () => {
      this.player.setVolume(Number(slider.value));
      show();
    });
    slider.addEventListener("change", () => {
      this.player.endVolume();
      writeVolume(Number(slider.value));
    });
    show();
  }

  #animate() {
    if (this.player.playing) this.#showPosition();
    requestAnimationFrame(() => this.#animate());
  }

  #showPosition() {
    const { player } = this;
    const positionS = player.position();
    const texts = { at: clockText(positionS), length: clockText(player.lengthS) };
    this.#show("time", texts.at, (time) => {
      time.textContent = `${texts.at} / ${texts.length}`;
    });
    this.#show("seek", texts.at, (seek) => {
      seek.value = String(positionS);
      seek.setAttribute("aria-valuetext", say("position", texts));
    });
    this.wave.show({ positionS, version: player.version, loop: player.loop });
    this.#showHeard();
  }

  #showHeard() {
    for (const mark of this.marks) {
      const enough = this.player.heard.seconds[mark.dataset.heard] >= this.gateSeconds;
      if (enough && mark.textContent === "") {
        mark.setAttribute("title", say("heard_enough"));
        mark.append(element("span", { "aria-hidden": "true" }, "✓"), element("span", { class: "visually-hidden" }, `, ${say("heard_enough")}`));
      }
    }
  }
}

/** What a version is called on the page. */
export function versionName(name) {
  if (name === "own") return say("with_own");
  return name === "problem" ? say("as_sent") : say("with_slot", { slot: name });
}
