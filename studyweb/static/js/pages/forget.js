// After a withdrawal nothing of this participant is left in the browser either. What others who use it have not sent yet
// is theirs, and stays.

import { openStore } from "../saving/store.js";
import { heardKey } from "../trial/heard_memory.js";

const own = new Set(JSON.parse(document.getElementById("own-trials").textContent));
const store = await openStore();
for (const entry of await store.all("outbox")) {
  if (own.has(entry.trial)) await store.delete("outbox", entry.id);
}
for (const trial of own) {
  for (const key of [trial, heardKey(trial)]) await store.delete("drafts", key);
}
for (const kept of ["mixtrial.volume_db", "mixtrial.output"]) localStorage.removeItem(kept);
