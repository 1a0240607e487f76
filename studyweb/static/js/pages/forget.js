// After a withdrawal nothing of this participant is left in the browser either. What others who use it have not sent yet
// is theirs, and stays.

import { openStore } from "../saving/store.js";

const own = new Set(JSON.parse(document.getElementById("own-trials").textContent));
const store = await openStore();
for (const entry of await store.all("outbox")) {
  if (own.has(entry.trial)) await store.delete("outbox", entry.id);
}
for (const trial of own) await store.delete("drafts", trial);
for (const kept of ["mixtrial.volume_db", "mixtrial.output"]) localStorage.removeItem(kept);
