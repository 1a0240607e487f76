// Choice of the output device, where the browser offers one (a secure page, and devices it may name).

import { element } from "./text.js";

/** Fills and shows the choice; `log` gets device changes in any case. */
export async function offerOutputs(player, log) {
  const devices = navigator.mediaDevices;
  if (!devices) return;
  devices.addEventListener("devicechange", () => {
    log("device_change", { state: player.context?.state ?? "none", sample_rate: player.context?.sampleRate ?? null });
    player.tick();
  });
  if (typeof AudioContext.prototype.setSinkId !== "function") return;
  const outputs = (await devices.enumerateDevices()).filter((device) => device.kind === "audiooutput" && device.label !== "");
  if (outputs.length < 2) return;
  const select = document.getElementById("output-device");
  select.append(...outputs.map((device) => element("option", { value: device.deviceId === "default" ? "" : device.deviceId }, device.label)));
  select.addEventListener("change", () => player.setOutput(select.value).catch((error) => log("output_failed", { message: String(error) })));
  document.getElementById("output").hidden = false;
}
