// The trial page: reads its data, brings the audio while the texts are read, and walks the steps.

import { prefetch } from "../audio/loader.js";
import { Player } from "../audio/player.js";
import { EventLog } from "../saving/event_log.js";
import { Outbox, wallClock } from "../saving/outbox.js";
import { Sender } from "../saving/send.js";
import { openStore } from "../saving/store.js";
import { canBeHeard, markPlaying, renderAdvices } from "./advices.js";
import { AnswerSheet } from "./answer_sheet.js";
import { Desk } from "./listen.js";
import { HeardMemory } from "./heard_memory.js";
import { listeningContext } from "./listening.js";
import { showNotice, showSaving } from "./notices.js";
import { offerOutputs } from "./outputs.js";
import { OwnFix } from "./own_fix.js";
import { bindShortcuts } from "./shortcuts.js";
import { TrialSound } from "./sound.js";
import { Steps } from "./steps.js";
import { announce, say } from "./text.js";

const EVENTS_EVERY_MS = 5_000;
const HEARTBEAT_EVERY_MS = 30_000;
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("trial-data").textContent);
const { audio } = data;
for (const question of data.steps.flatMap((step) => step.questions)) if (question.kind === "faders") question.stems = audio.stems;

// Without Web Audio the page keeps saying which browsers it needs.
async function openTrial() {
  if (!("AudioContext" in window && "OfflineAudioContext" in window)) return;
  byId("unsupported").hidden = true;
  byId("app").hidden = false;
  byId("frame").textContent = data.frame;
  byId("brief").textContent = data.brief;
  const sender = new Sender({
    token: document.querySelector('meta[name="csrf-token"]').content,
    renew: { url: data.urls.renew, token: data.renew_token },
  });
  const events = logEvents(sender);
  const sound = new TrialSound(audio, { needsStems: data.current_step === "fix" });
  const player = makePlayer(sound, (kind, payload) => events.add(kind, payload));
  player.log("sound", { premixed: sound.isPremixed, decoded_bytes: sound.bytes });
  const desk = new Desk({ player, sound, audio, gateSeconds: audio.gate_seconds, onVersion: (name) => markPlaying(byId("advices"), name) });
  bringAudio(player, sound);
  offerOutputs(player, (kind, payload) => events.add(kind, payload));
  const store = await openStore();
  const outbox = makeOutbox(store, sender);
  const heard = new HeardMemory({ store, trial: data.trial, player });
  await heard.recall();
  const sheet = new AnswerSheet(data.steps, data.answers, (await store.get("drafts", data.trial)) ?? {});
  const steps = makeSteps({ store, outbox, sheet, heard, player, sound, desk, events });
  const ownFix = new OwnFix({ player, sound, desk });
  byId("questions").addEventListener("faders", ({ detail }) => ownFix.hear(detail.gains, detail.released));
  steps.ownFix = ownFix;
  bindKeys(player, desk);
  await begin(steps, outbox, store);
  beat(sender);
}

async function begin(steps, outbox, store) {
  if (data.current_step === "done") {
    location.assign(data.urls.next);
    return;
  }
  if (!store.durable) showNotice("memory", "warning", say("kept_in_memory"));
  release(data.conditions, steps);
  steps.show(data.current_step);
  const pending = (await outbox.open()).filter((entry) => entry.trial === data.trial);
  if (pending.length > 0) steps.resumePending(pending[pending.length - 1]);
  outbox.flush();
}

function makePlayer(sound, log) {
  return new Player({
    stems: sound.names,
    voices: sound.voices,
    lengthS: audio.frames / audio.sample_rate,
    rate: audio.sample_rate,
    makeContext: () => newContext(audio.sample_rate),
    log,
  });
}

// A browser that cannot run at the files' rate plays at its own: the sources are then resampled, all alike.
function newContext(sampleRate) {
  try {
    return new AudioContext({ sampleRate, latencyHint: "interactive" });
  } catch {
    return new AudioContext({ latencyHint: "interactive" });
  }
}

function makeOutbox(store, sender) {
  const outbox = new Outbox({
    store,
    trial: data.trial,
    send: (entry) => sender.post(entry.url, entry.body),
    clock: wallClock,
    isOnline: () => navigator.onLine,
    onChange: (state) => showSaving(state, () => outbox.retryNow()),
  });
  window.addEventListener("online", () => outbox.retryNow());
  document.addEventListener("visibilitychange", () => document.hidden || outbox.retryNow());
  return outbox;
}

function makeSteps({ store, outbox, sheet, heard, player, sound, desk, events }) {
  const steps = new Steps({
    data,
    sheet,
    outbox,
    store,
    player,
    log: (kind, payload) => events.add(kind, payload),
    makeContext: (step, msOnStep) =>
      listeningContext({ player, sound, step, conditions: steps.conditions, gateSeconds: audio.gate_seconds, msOnStep }),
    forget: () => Promise.all([store.delete("drafts", data.trial), heard.end()]),
    onConditions: (conditions) => release(conditions, steps),
    onDone: async () => {
      await events.flush();
      player.close();
      location.assign(data.urls.next);
    },
  });
  Object.assign(steps, { desk, sound });
  return steps;
}

// The versions are known from now on (null: not yet): the cards show what is applied, the desk offers what can be heard.
function release(conditions, steps) {
  const heard = canBeHeard(conditions);
  steps.ownFix.end();
  if (!heard) steps.player.setConditions({});
  steps.desk.renderVersions(null);
  if (heard) makeHeard(conditions, steps);
  renderAdvices(byId("advices"), { texts: data.texts, conditions, stems: audio.stems, onFlag: (slot, on) => steps.log("applied_flag", { slot, on }) });
  markPlaying(byId("advices"), steps.player.version);
  if (conditions && !heard) showNotice("text-only", "info", say("text_only"));
}

function makeHeard(conditions, { player, sound, desk }) {
  const offer = () => desk.renderVersions(conditions);
  if (!sound.isPremixed) {
    player.setConditions(conditions);
    offer();
    return;
  }
  sound.release(player, conditions).then(offer, (error) => loadFailed(error, player, () => makeHeard(conditions, { player, sound, desk })));
}

async function bringAudio(player, sound) {
  const [veil, text, bar] = ["wave-veil", "load-text", "load-bar"].map(byId);
  byId("load-retry").hidden = true;
  bar.hidden = veil.hidden = false;
  let failed = false;
  const onProgress = (share) => {
    if (failed) return; // the other stems may still be coming; what went wrong stays to be read
    bar.value = share * 100;
    text.textContent = share < 1 ? say("loading", { percent: Math.round(share * 100) }) : say("decoding");
  };
  try {
    await sound.bring(player, canBeHeard(data.conditions) ? data.conditions : null, onProgress);
    veil.hidden = true;
    announce(say("ready"));
    prefetch(data.prefetch ?? []);
  } catch (error) {
    failed = true;
    loadFailed(error, player, () => bringAudio(player, sound));
  }
}

function loadFailed(error, player, again) {
  player.log("load_failed", { message: error.message });
  byId("wave-veil").hidden = byId("load-retry").hidden = false;
  byId("load-bar").hidden = true;
  byId("load-text").textContent = say(error.isUnreadable ? "audio_unreadable" : "load_failed", { reason: error.message });
  byId("load-retry").onclick = again;
}

function bindKeys(player, desk) {
  const version = (name) => () => desk.choose(name);
  const shortcuts = bindShortcuts({
    " ": () => player.toggle(),
    1: () => desk.chooseNumber(1), o: version("problem"),
    2: () => desk.chooseNumber(2), a: version("A"),
    3: () => desk.chooseNumber(3), b: version("B"),
    ArrowLeft: () => player.seek(player.position() - 1),
    ArrowRight: () => player.seek(player.position() + 1),
    "[": () => desk.markLoop("startS"),
    "]": () => desk.markLoop("endS"),
    "\\": () => desk.wholeLoop(),
    "?": () => byId("help").showModal(),
  });
  byId("help-open").addEventListener("click", () => byId("help").showModal());
  const box = byId("shortcuts-on");
  box.checked = shortcuts.isOn();
  box.addEventListener("change", () => shortcuts.set(box.checked));
}

function logEvents(sender) {
  const events = new EventLog({ trial: data.trial, post: (body, keepalive) => sender.post(data.urls.events, body, { keepalive }) });
  events.add("open", { width: innerWidth, height: innerHeight, density: devicePixelRatio, secure: isSecureContext });
  setInterval(() => events.flush(), EVENTS_EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    events.add("visibility", { hidden: document.hidden });
    events.flush({ keepalive: document.hidden });
  });
  return events;
}

function beat(sender) {
  setInterval(() => sender.post(data.urls.heartbeat, { trial: data.trial }), HEARTBEAT_EVERY_MS);
}

// A page that comes back from the browser's history may be behind the server: it is asked for again.
window.addEventListener("pageshow", (event) => event.persisted && location.reload());

openTrial();
