// Plays many sessions at once. First line on standard input: {url, study, modules, sessions, concurrency, limit_s,
// speed}; later lines {url}: the server is back there. One line on standard output for every session that ended.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

import { plansFor } from "./plan.mjs";
import { Producer } from "./producer.mjs";

const lines = createInterface({ input: process.stdin });
const site = { url: "" };
let begun = false;

lines.on("line", (line) => {
  const said = JSON.parse(line);
  site.url = said.url;
  if (begun) return;
  begun = true;
  playAll(said).then(() => lines.close());
});

async function playAll({ study, modules: folder, sessions, concurrency, limit_s: limitS, speed }) {
  const modules = await modulesIn(folder);
  const waiting = plansFor(sessions).map((faults, number) => ({ faults, number }));
  const hand = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const report = await playOne(new Producer({ modules, site, study, speed, ...next }), limitS);
      process.stdout.write(`${JSON.stringify(report)}\n`);
    }
  };
  await Promise.all([...Array(concurrency)].map(hand));
}

async function playOne(producer, limitS) {
  const ended = producer.play().then(() => null, (error) => error.message);
  const reason = await Promise.race([ended, producer.stuck(limitS * 1_000)]);
  producer.stop();
  return producer.report(reason);
}

async function modulesIn(folder) {
  const from = (name) => import(pathToFileURL(`${folder}/${name}`).href);
  const parts = ["saving/outbox.js", "saving/send.js", "saving/store.js", "saving/uuid.js", "trial/answer_sheet.js"];
  return Object.assign({}, ...(await Promise.all(parts.map(from))));
}
