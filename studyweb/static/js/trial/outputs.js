// Choice of the output device, where the browser offers one (a secure page). Most browsers name outputs only to pages
// that may use the microphone, so the names are asked for when somebody wants to choose; nothing is ever recorded.

import { readOutput, writeOutput } from "../audio/output_choice.js";
import { announce, element, say } from "./text.js";

const byId = (id) => document.getElementById(id);

/** Takes up the kept output and shows the choice; `log` gets device changes in any case. */
export async function offerOutputs(player, log) {
  const devices = navigator.mediaDevices;
  if (!devices) return;
  const canChoose = typeof AudioContext.prototype.setSinkId === "function";
  devices.addEventListener("devicechange", () => {
    log("device_change", { state: player.context?.state ?? "none", sample_rate: player.context?.sampleRate ?? null });
    player.tick();
    if (canChoose) list(devices, player);
  });
  if (!canChoose) return;
  const kept = readOutput();
  if (kept) player.setOutput(kept);
  bindChoice(devices, player, log);
  await list(devices, player);
  const isGone = kept && !byId("output-choice").hidden && byId("output-device").value !== kept;
  if (!isGone) return;
  log("output_gone");
  player.setOutput("");
}

function bindChoice(devices, player, log) {
  const select = byId("output-device");
  const choose = (deviceId) => {
    writeOutput(deviceId);
    return player.setOutput(deviceId);
  };
  select.addEventListener("change", () => choose(select.value));
  player.addEventListener("change", () => {
    if (select.value !== player.sinkId) select.value = player.sinkId;
  });
  byId("output-ask").addEventListener("click", async () => {
    try {
      const deviceId = await ask(devices);
      if (deviceId) await choose(deviceId);
      tell("");
      if (await list(devices, player, { always: true })) select.focus();
    } catch (error) {
      log("output_refused", { message: String(error) });
      tell(say("output_refused"));
    }
  });
  byId("output").hidden = false;
}

// A browser with a picker of its own returns what was picked; the others name their outputs once the microphone is allowed.
async function ask(devices) {
  if (typeof devices.selectAudioOutput === "function") return (await devices.selectAudioOutput()).deviceId;
  tell(say("output_why"));
  const stream = await devices.getUserMedia({ audio: true });
  for (const track of stream.getTracks()) track.stop();
  return "";
}

// Shows the outputs in place of the button, where there is something to choose; whether it did.
async function list(devices, player, { always = false } = {}) {
  const select = byId("output-device");
  const named = (await devices.enumerateDevices()).filter((device) => device.kind === "audiooutput" && device.label !== "");
  const others = named.filter((device) => device.deviceId !== "default" && device.deviceId !== "");
  if (others.length < (always ? 1 : 2) && byId("output-choice").hidden) return false;
  const byDefault = named.find((device) => device.deviceId === "default")?.label ?? say("output_default");
  select.replaceChildren(
    element("option", { value: "" }, byDefault),
    ...others.map((device) => element("option", { value: device.deviceId }, device.label)),
  );
  select.value = others.some((device) => device.deviceId === player.sinkId) ? player.sinkId : "";
  byId("output-choice").hidden = false;
  byId("output-ask").hidden = true;
  return true;
}

function tell(text) {
  byId("output-note").textContent = text;
  if (text) announce(text);
}
