// The sound check: a safe level, left and right, and polarity. Scores go along with the form; none is a wall.

import { dbToGain } from "../audio/gains.js";
import { noiseBuffer, playOnce, playSide } from "../audio/test_sounds.js";
import { readVolume, writeVolume } from "../audio/volume.js";
import { bindHeadphoneTests } from "./headphones.js";

const ROUNDS = 4;
const PHASE_S = 1.5;
const RAMP_S = 0.05;
const byId = (id) => document.getElementById(id);
const words = JSON.parse(byId("setup-words").textContent);
const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

let sound = null;
let noise = null;
const sides = { played: null, right: 0, done: 0 };
const phase = { firstIsTogether: Math.random() < 0.5 };

function openSound() {
  if (sound === null) {
    const context = new AudioContext();
    const master = context.createGain();
    master.gain.value = dbToGain(readVolume());
    master.connect(context.destination);
    sound = { context, master };
  }
  sound.context.resume();
  return sound;
}

function bindLevel() {
  const slider = byId("level");
  slider.value = String(readVolume());
  const show = () => {
    const db = Number(slider.value);
    byId("level-text").textContent = `${db < 0 ? "\u2212" : ""}${Math.abs(db)} dB`;
    byId("volume_db").value = String(db);
    slider.setAttribute("aria-valuetext", byId("level-text").textContent);
    sound?.master.gain.setTargetAtTime(dbToGain(db), sound.context.currentTime, RAMP_S);
    writeVolume(db);
  };
  slider.addEventListener("input", show);
  show();
  byId("noise").addEventListener("click", toggleNoise);
}

function toggleNoise() {
  const { context, master } = openSound();
  if (noise) {
    noise.stop();
    noise = null;
  } else {
    noise = context.createBufferSource();
    noise.buffer = noiseBuffer(context);
    noise.loop = true;
    noise.connect(master);
    noise.start();
  }
  byId("noise").setAttribute("aria-pressed", String(noise !== null));
  byId("noise").textContent = say(noise ? "stop_noise" : "start_noise");
}

function bindSides() {
  byId("side-play").addEventListener("click", playASide);
  for (const button of document.querySelectorAll("[data-side]")) button.addEventListener("click", () => answerSide(button.dataset.side));
}

async function playASide() {
  if (noise) toggleNoise();
  const { context, master } = openSound();
  sides.played ??= Math.random() < 0.5 ? "left" : "right";
  setSides(true);
  byId("side-play").textContent = say("again");
  await playSide(context, master, sides.played === "left" ? -1 : 1);
}

function answerSide(side) {
  sides.right += side === sides.played ? 1 : 0;
  sides.done += 1;
  sides.played = null;
  setSides(false);
  byId("side-play").textContent = say("play");
  byId("left_right").value = `${sides.right}/${sides.done}`;
  byId("heard_left_right").value = sides.right === sides.done ? "yes" : "no";
  if (sides.done < ROUNDS) {
    byId("side-status").textContent = say("left_to_go", { count: ROUNDS - sides.done });
    byId("side-play").focus();
    return;
  }
  byId("side-play").disabled = true;
  byId("side-status").textContent = sides.right === ROUNDS ? say("sides_right") : say("sides_wrong", { right: sides.right, of: ROUNDS });
}

function setSides(on) {
  for (const button of document.querySelectorAll("[data-side]")) button.disabled = !on;
}

function bindPhase() {
  for (const button of document.querySelectorAll("[data-phase]")) {
    button.addEventListener("click", () => {
      if (noise) toggleNoise();
      const { context, master } = openSound();
      const isTogether = (button.dataset.phase === "one") === phase.firstIsTogether;
      playOnce(context, master, noiseBuffer(context, { inverted: !isTogether }), PHASE_S);
    });
  }
  for (const input of document.querySelectorAll('input[name="phase"]')) {
    input.addEventListener("change", () => {
      byId("polarity").value = input.value === "same" ? "no_difference" : (input.value === "one") === phase.firstIsTogether ? "right" : "wrong";
    });
  }
}

if (typeof AudioContext === "function") {
  bindLevel();
  bindSides();
  bindPhase();
  bindHeadphoneTests({
    openSound: () => {
      if (noise) toggleNoise();
      return openSound();
    },
    say,
  });
} else {
  byId("no-sound").hidden = false;
  byId("setup").hidden = true;
}
