// IndexedDB as far as the page's store uses it: what a transaction changes is there as a whole once it is complete, and
// not at all when the page dies before. The tables outlive the page; two pages share them. `kept`: every key that was
// ever on the disk.

export class Disk {
  constructor() {
    this.tables = new Map();
    this.kept = new Set();
    this.fails = () => false;
  }

  /** The `indexedDB` of one page. */
  factoryFor(life) {
    return { open: () => this.#open(life) };
  }

  /** The values of a table as they are on the disk now. */
  values(table) {
    return [...(this.tables.get(table)?.values() ?? [])];
  }

  put(table, key, value) {
    this.createTable(table);
    this.tables.get(table).set(key, structuredClone(value));
  }

  createTable(name) {
    if (!this.tables.has(name)) this.tables.set(name, new Map());
  }

  #open(life) {
    const database = {
      createObjectStore: (name) => this.createTable(name),
      transaction: (name, mode = "readonly") => new Transaction(this, name, mode, life),
      close() {},
    };
    const request = { result: database };
    setImmediate(() => {
      if (!life.alive) return;
      request.onupgradeneeded?.();
      request.onsuccess?.();
    });
    return request;
  }
}

class Transaction {
  constructor(disk, name, mode, life) {
    Object.assign(this, { disk, name, mode, life, changes: [], error: null });
    if (mode === "readwrite") setImmediate(() => this.#commit());
  }

  objectStore() {
    return {
      put: (value, key) => this.#put(structuredClone(value), key),
      delete: (key) => this.#change((table) => table.delete(key)),
      clear: () => this.#change((table) => table.clear()),
      get: (key) => this.#read((table) => table.get(key)),
      getAll: () => this.#read((table) => [...table.keys()].sort().map((key) => table.get(key))),
    };
  }

  #put(value, key) {
    return this.#change((table) => {
      table.set(key, value);
      this.disk.kept.add(key);
    });
  }

  #change(apply) {
    if (this.mode !== "readwrite") throw new Error("a change in a transaction that only reads");
    this.changes.push(apply);
    return {};
  }

  #read(look) {
    const request = {};
    setImmediate(() => {
      if (!this.life.alive) return;
      request.result = structuredClone(look(this.disk.tables.get(this.name)));
      request.onsuccess?.();
    });
    return request;
  }

  #commit() {
    if (!this.life.goesOn()) return;
    if (this.disk.fails()) {
      this.error = new Error("the disk is full");
      this.onabort?.();
      return;
    }
    for (const apply of this.changes) apply(this.disk.tables.get(this.name));
    if (this.life.goesOn()) this.oncomplete?.();
  }
}
