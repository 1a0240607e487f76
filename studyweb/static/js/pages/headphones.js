// Two tests for those who said that they listen on headphones. Scores go along with the form; the server says whether they keep somebody out.

import { antiphaseSounds, pitchSounds, SOUNDS } from "../audio/headphone_sounds.js";
import { playOnce } from "../audio/test_sounds.js";

const ROUNDS = 6;
const TESTS = {
  antiphase: (rate) => {
    const [quiet, inverted] = shuffled([0, 1, 2]);
    return { right: quiet, sides: antiphaseSounds(rate, { quiet, inverted }) };
  },
  huggins: (rate) => {
    const pitched = Math.floor(Math.random() * SOUNDS);
    return { right: pitched, sides: pitchSounds(rate, { pitched }) };
  },
};

/** Binds the tests that the page holds. `openSound()` gives {context, master}; `say(key, values)` the page's words. */
export function bindHeadphoneTests({ openSound, say }) {
  for (const box of document.querySelectorAll("[data-headphone-test]")) bindTest(box, openSound, say);
}

function bindTest(box, openSound, say) {
  const name = box.dataset.headphoneTest;
  const [play, status, field] = [box.querySelector(".trio-play"), box.querySelector(".trio-status"), document.getElementById(name)];
  const choices = [...box.querySelectorAll("[data-sound]")];
  const score = { right: 0, done: 0 };
  let round = null;
  const allow = (on) => choices.forEach((choice) => choice.toggleAttribute("disabled", !on));
  play.addEventListener("click", async () => {
    const { context, master } = openSound();
    round ??= TESTS[name](context.sampleRate);
    play.disabled = true;
    await playOnce(context, master, bufferOf(context, round.sides), round.sides[0].length / context.sampleRate);
    play.disabled = false;
    play.textContent = say("again");
    allow(true);
  });
  const answer = (sound) => {
    score.right += sound === round.right ? 1 : 0;
    score.done += 1;
    round = null;
    allow(false);
    field.value = `${score.right}/${score.done}`;
    play.textContent = say("play_three");
    play.disabled = score.done === ROUNDS;
    status.textContent = score.done < ROUNDS ? say("left_to_go", { count: ROUNDS - score.done }) : say("trio_done", { right: score.right, of: ROUNDS });
    if (score.done < ROUNDS) play.focus();
  };
  for (const choice of choices) choice.addEventListener("click", () => answer(Number(choice.dataset.sound)));
}

function bufferOf(context, sides) {
  const buffer = context.createBuffer(sides.length, sides[0].length, context.sampleRate);
  sides.forEach((samples, side) => buffer.copyToChannel(samples, side));
  return buffer;
}

function shuffled(values) {
  const left = [...values];
  return values.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
}
