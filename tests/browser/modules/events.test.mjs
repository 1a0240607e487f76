import assert from "node:assert/strict";
import test from "node:test";

import { EventLog } from "../../../studyweb/static/js/saving/event_log.js";

function logOver(reply) {
  const posts = [];
  let next = 0;
  const post = async (body) => {
    posts.push(body.events.map((event) => event.payload.n));
    return { status: reply(posts.length) };
  };
  const log = new EventLog({ trial: "now", post, nowMs: () => 1, makeUuid: () => `u${(next += 1)}` });
  for (let n = 0; n < 120; n += 1) log.add("volume", { n });
  return { log, posts };
}

test("a flush sends until nothing is left, in order", async () => {
  const { log, posts } = logOver(() => 200);
  await log.flush();
  assert.deepEqual(posts.map((post) => post.length), [50, 50, 20]);
  assert.deepEqual(posts.flat(), Array.from({ length: 120 }, (_, n) => n));
  assert.equal(log.kept.length, 0);
});

test("a flush ends where the server does not acknowledge, and the next one goes on there", async () => {
  const { log, posts } = logOver((count) => (count === 2 ? 0 : 200));
  await log.flush();
  assert.equal(posts.length, 2);
  assert.equal(log.kept.length, 70);
  await log.flush();
  assert.equal(log.kept.length, 0);
});

test("a flush during another one waits for it to end", async () => {
  const { log, posts } = logOver(() => 200);
  await Promise.all([log.flush(), log.flush()]);
  assert.equal(posts.length, 3);
});

test("events of somebody who has withdrawn are not sent again", async () => {
  const { log, posts } = logOver(() => 410);
  await log.flush();
  assert.equal(log.kept.length, 0);
  assert.equal(posts.length, 3);
});
