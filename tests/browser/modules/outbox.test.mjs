import assert from "node:assert/strict";
import test from "node:test";

import { LONGEST_WAIT_MS, Outbox, wordOf } from "../../../studyweb/static/js/saving/outbox.js";
import { MemoryStore, openStore } from "../../../studyweb/static/js/saving/store.js";
import { seeded } from "./fake_param.mjs";
import { FakeClock, FakeServer } from "./fake_server.mjs";

const entryOf = (id, answers, trial = "now") => ({ id, trial, url: "/answers/", body: { answers, context: {} } });
const answerOf = (uuid, step, value, revision = 1) => ({ client_uuid: uuid, step, value, revision });

function outboxOver(send, { store = new MemoryStore(), clock = new FakeClock(), onChange } = {}) {
  return new Outbox({ store, send, clock, trial: "now", onChange, random: () => 1 });
}

test("an entry is in the store before it is sent and gone after its receipt", async () => {
  const store = new MemoryStore();
  const server = new FakeServer();
  let keptWhileSending = 0;
  const outbox = outboxOver(async (entry) => {
    keptWhileSending = (await store.all("outbox")).length;
    return server.post(entry.body);
  }, { store });
  const outcome = await outbox.add(entryOf("e1", [answerOf("u1", "first_choice", "a_clearly")]));
  assert.equal(outcome.kind, "stored");
  assert.equal(keptWhileSending, 1);
  assert.deepEqual(await store.all("outbox"), []);
});

test("a reply without the receipts is no acknowledgement", () => {
  const entry = entryOf("e", [answerOf("u1", "q", "1")]);
  assert.equal(wordOf(200, null, entry), "retry");
  assert.equal(wordOf(200, { receipts: [] }, entry), "retry");
  assert.equal(wordOf(200, { receipts: [{ client_uuid: "u1" }] }, entry), "stored");
  assert.equal(wordOf(502, null, entry), "retry");
  assert.equal(wordOf(0, null, entry), "retry");
  assert.equal(wordOf(409, {}, entry), "conflict");
  assert.equal(wordOf(400, {}, entry), "refused");
  assert.equal(wordOf(404, null, entry), "elsewhere");
});

test("waits grow and stay below half a minute", async () => {
  const clock = new FakeClock();
  let left = 9;
  const server = new FakeServer();
  const outbox = outboxOver(async (entry) => (left-- > 0 ? { status: 0, reply: null } : server.post(entry.body)), { clock });
  await outbox.add(entryOf("e1", [answerOf("u1", "q", "1")]));
  assert.deepEqual(clock.waits.slice(0, 4), [1000, 2000, 4000, 8000]);
  assert.equal(Math.max(...clock.waits), LONGEST_WAIT_MS);
});

test("a session that ended keeps the answers and says where to continue", async () => {
  const states = [];
  const server = new FakeServer();
  let gone = true;
  const send = async (entry) => (gone ? { status: 403, reply: { login: "/t/" } } : server.post(entry.body));
  const outbox = outboxOver(send, { onChange: (state) => states.push({ ...state }) });
  const outcome = outbox.add(entryOf("e1", [answerOf("u1", "q", "1")]));
  await outbox.flush();
  await new Promise(setImmediate);
  assert.deepEqual(states.at(-1), { state: "session", pending: 1, login: "/t/" });
  gone = false;
  await outbox.retryNow();
  assert.equal((await outcome).kind, "stored");
  assert.equal(server.rows.length, 1);
});

test("what the server refused is never called saved until the next answer is", async () => {
  const states = [];
  const server = new FakeServer();
  let isOpen = false;
  const send = async (entry) => (isOpen ? server.post(entry.body) : { status: 410, reply: { error: "closed" } });
  const outbox = outboxOver(send, { onChange: ({ state }) => states.push(state) });
  const { kind, status } = await outbox.add(entryOf("e1", [answerOf("u1", "q", "1")]));
  assert.deepEqual([kind, status], ["refused", 410]);
  await outbox.retryNow();
  assert.equal(states.at(-1), "refused");
  assert.ok(!states.includes("saved"));
  isOpen = true;
  await outbox.add(entryOf("e2", [answerOf("u2", "q", "1")]));
  await outbox.retryNow();
  assert.equal(states.at(-1), "saved");
});

test("another person's answers on a shared computer stay in the store and hold up nobody", async () => {
  const store = new MemoryStore();
  const theirs = { ...entryOf("theirs", [answerOf("u0", "q", "1")], "other"), created_ms: 0 };
  await store.put("outbox", "theirs", theirs);
  const server = new FakeServer();
  const send = async (entry) => (entry.trial === "other" ? { status: 404, reply: null } : server.post(entry.body));
  const outbox = outboxOver(send, { store });
  await outbox.open();
  assert.equal((await outbox.add(entryOf("mine", [answerOf("u1", "q", "1")]))).kind, "stored");
  assert.deepEqual(await store.all("outbox"), [theirs]);
});

test("answers that the server does not take from another person's session wait for their own", async () => {
  const states = [];
  const store = new MemoryStore();
  const server = new FakeServer();
  let isTheirs = true;
  const send = async (entry) => (isTheirs ? { status: 404, reply: null } : server.post(entry.body));
  const outbox = outboxOver(send, { store, onChange: ({ state }) => states.push(state) });
  const outcome = outbox.add(entryOf("mine", [answerOf("u1", "q", "1")]));
  await outbox.flush();
  await new Promise(setImmediate);
  assert.equal(states.at(-1), "elsewhere");
  assert.equal((await store.all("outbox")).length, 1);
  isTheirs = false;
  await outbox.retryNow();
  assert.equal((await outcome).kind, "stored");
});

test("a durable store that fails later holds up no answer", async () => {
  const closed = { transaction: () => { throw new Error("the database connection is closing"); } };
  const factory = {
    open() {
      const request = { result: closed };
      setImmediate(() => request.onsuccess());
      return request;
    },
  };
  const store = await openStore(factory);
  const server = new FakeServer();
  const outbox = outboxOver((entry) => server.post(entry.body), { store });
  assert.deepEqual(await outbox.open(), []);
  assert.equal((await outbox.add(entryOf("e1", [answerOf("u1", "q", "1")]))).kind, "stored");
  assert.equal(store.durable, false);
});

test("without a durable store the page is told", async () => {
  const store = await openStore(undefined);
  assert.equal(store.durable, false);
});

// One session: six steps; at every send the network may fail before or after the server, doubled, or the page be
// reloaded, which means a new outbox over what the store holds.
async function playSession(seed, makeSend = sendOver) {
  const random = seeded(seed);
  const store = new MemoryStore();
  const server = new FakeServer();
  const acknowledged = [];
  for (let step = 0; step < 6; step += 1) {
    let outbox = outboxOver(makeSend(server, random), { store });
    const waiting = await outbox.open();
    const answer = answerOf(`${seed}-${step}`, `q${step}`, String(step));
    const outcome = waiting.length ? outbox.outcomeOf(waiting[0].id) : outbox.add(entryOf(`e${step}`, [answer]));
    if (random() < 0.3) {
      await new Promise(setImmediate);
      outbox.entries = [];
      outbox = outboxOver(makeSend(server, random), { store });
      const again = await outbox.open();
      if (again.length) {
        const late = outbox.outcomeOf(again[0].id);
        outbox.flush();
        assert.equal((await late).kind, "stored", `seed ${seed}`);
      } else await outcome;
    } else {
      outbox.flush();
      assert.equal((await outcome).kind, "stored", `seed ${seed}`);
    }
    acknowledged.push(answer);
  }
  return { server, store, acknowledged };
}

function sendOver(server, random) {
  return async (entry) => {
    await new Promise(setImmediate);
    const luck = random();
    if (luck < 0.25) return { status: 0, reply: null };
    const answer = server.post(entry.body);
    if (luck < 0.45) return { status: 0, reply: null };
    if (luck < 0.55) server.post(entry.body);
    if (luck < 0.65) return { status: 503, reply: null };
    return answer;
  };
}

test("1,000 sessions with a failing network: nothing lost, nothing doubled, nothing stuck", async () => {
  for (let seed = 1; seed <= 1000; seed += 1) {
    const { server, store, acknowledged } = await playSession(seed);
    const rows = server.rows.map((row) => row.client_uuid).sort();
    assert.deepEqual(rows, acknowledged.map((answer) => answer.client_uuid).sort(), `seed ${seed}`);
    assert.deepEqual(await store.all("outbox"), [], `seed ${seed}`);
  }
});
