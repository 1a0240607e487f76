// After a withdrawal nothing is left in the browser either.

import { openStore } from "../saving/store.js";

const store = await openStore();
await store.clear();
localStorage.removeItem("mixtrial.volume_db");
