// The output device that was chosen once, kept for all trials of this browser; "" is the browser's default.

const KEPT_AT = "mixtrial.output";

export function readOutput(storage = globalThis.localStorage) {
  try {
    return storage.getItem(KEPT_AT) ?? "";
  } catch {
    return "";
  }
}

export function writeOutput(deviceId, storage = globalThis.localStorage) {
  try {
    storage.setItem(KEPT_AT, deviceId);
  } catch {
    return;
  }
}
