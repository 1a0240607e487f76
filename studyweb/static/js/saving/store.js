// Where unsent answers and drafts live in the browser: IndexedDB, or memory where that is refused (private windows,
// full disks); `durable` says which, and the page warns about the second.

const NAME = "mixtrial";
const TABLES = ["outbox", "drafts"];

/** Opens the durable store, or the one in memory when there is none. */
export async function openStore(factory = globalThis.indexedDB) {
  try {
    return new IndexedDbStore(await openDatabase(factory));
  } catch {
    return new MemoryStore();
  }
}

export class MemoryStore {
  constructor() {
    this.durable = false;
    this.tables = Object.fromEntries(TABLES.map((name) => [name, new Map()]));
  }

  async put(table, key, value) {
    this.tables[table].set(key, structuredClone(value));
  }

  async get(table, key) {
    return structuredClone(this.tables[table].get(key));
  }

  async delete(table, key) {
    this.tables[table].delete(key);
  }

  async all(table) {
    return structuredClone([...this.tables[table].values()]);
  }

  async clear() {
    for (const table of Object.values(this.tables)) table.clear();
  }
}

// A store that fails while the page is open (a full disk, a database closed by the browser) must hold up neither sending
// nor answering: what it could not keep stays in memory with its owner, and `durable` becomes false.
class IndexedDbStore {
  constructor(database) {
    this.durable = true;
    this.database = database;
  }

  put(table, key, value) {
    return this.#write(table, (objects) => objects.put(value, key));
  }

  delete(table, key) {
    return this.#write(table, (objects) => objects.delete(key));
  }

  get(table, key) {
    return this.#orElse(undefined, () => promised(this.database.transaction(table).objectStore(table).get(key)));
  }

  all(table) {
    return this.#orElse([], () => promised(this.database.transaction(table).objectStore(table).getAll()));
  }

  async clear() {
    for (const table of TABLES) await this.#write(table, (objects) => objects.clear());
  }

  // Resolves when the transaction is complete: only then is the value on the disk's side of a crash.
  #write(table, change) {
    const write = (done, failed) => {
      const transaction = this.database.transaction(table, "readwrite", { durability: "strict" });
      change(transaction.objectStore(table));
      transaction.oncomplete = () => done();
      transaction.onerror = transaction.onabort = () => failed(transaction.error);
    };
    return this.#orElse(undefined, () => new Promise(write));
  }

  async #orElse(fallback, access) {
    try {
      return await access();
    } catch {
      this.durable = false;
      return fallback;
    }
  }
}

function openDatabase(factory) {
  return new Promise((done, failed) => {
    const request = factory.open(NAME, 1);
    request.onupgradeneeded = () => TABLES.forEach((table) => request.result.createObjectStore(table));
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      done(request.result);
    };
    request.onerror = request.onblocked = () => failed(request.error ?? new Error("the browser's store is blocked"));
  });
}

function promised(request) {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}
