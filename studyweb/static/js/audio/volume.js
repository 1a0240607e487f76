// The listening level that was set up once, kept for all pages of this browser.

const KEPT_AT = "mixtrial.volume_db";
const LOWEST_DB = -40;

export function readVolume(storage = globalThis.localStorage) {
  try {
    const value = Number(storage.getItem(KEPT_AT) ?? -10);
    return Number.isFinite(value) ? Math.min(0, Math.max(LOWEST_DB, value)) : -10;
  } catch {
    return -10;
  }
}

export function writeVolume(volumeDb, storage = globalThis.localStorage) {
  try {
    storage.setItem(KEPT_AT, String(volumeDb));
  } catch {
    return;
  }
}
