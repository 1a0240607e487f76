import assert from "node:assert/strict";
import test from "node:test";

import { EventLog } from "../../../studyweb/static/js/saving/event_log.js";
import { newUuid } from "../../../studyweb/static/js/saving/uuid.js";
import { AnswerSheet } from "../../../studyweb/static/js/trial/answer_sheet.js";

const STEPS = [
  { name: "read", questions: [{ name: "first_choice", required: true, show_if: null }] },
  {
    name: "hear",
    questions: [
      { name: "final_choice", required: true, show_if: null },
      { name: "no_preference_reason", required: true, show_if: { question: "final_choice", value: "no_preference" } },
      { name: "comment", required: false, show_if: null },
    ],
  },
];

const names = (questions) => questions.map((question) => question.name);

test("a reason is asked only for no preference", () => {
  const sheet = new AnswerSheet(STEPS, {});
  assert.deepEqual(names(sheet.missing("hear")), ["final_choice"]);
  sheet.set("final_choice", "no_preference");
  assert.deepEqual(names(sheet.missing("hear")), ["no_preference_reason"]);
  sheet.set("final_choice", "a_clearly");
  assert.deepEqual(names(sheet.missing("hear")), []);
});

test("an answer to a question that is no longer asked is not sent", () => {
  const sheet = new AnswerSheet(STEPS, {});
  sheet.set("final_choice", "no_preference");
  sheet.set("no_preference_reason", "no_difference");
  sheet.set("final_choice", "b_slightly");
  assert.deepEqual(sheet.unsent("hear"), [{ step: "final_choice", revision: 1, value: "b_slightly" }]);
});

test("only what changed is sent, as the next revision", () => {
  const sheet = new AnswerSheet(STEPS, { final_choice: { value: "a_clearly", revision: 2 } });
  assert.deepEqual(sheet.unsent("hear"), []);
  sheet.set("final_choice", "b_clearly");
  const sent = sheet.unsent("hear");
  assert.deepEqual(sent, [{ step: "final_choice", revision: 3, value: "b_clearly" }]);
  sheet.acknowledge(sent);
  assert.deepEqual(sheet.unsent("hear"), []);
});

test("what is stored elsewhere replaces the answer and keeps the comment", () => {
  const sheet = new AnswerSheet(STEPS, {}, { comment: "the snare is fine" });
  sheet.set("final_choice", "a_clearly");
  sheet.adopt({ final_choice: { value: "b_clearly", revision: 1 } });
  assert.equal(sheet.value("final_choice"), "b_clearly");
  assert.deepEqual(sheet.drafts(), { comment: "the snare is fine" });
});

test("pasted control characters go, line breaks and formula-like text stay", () => {
  const sheet = new AnswerSheet(STEPS, {});
  sheet.set("comment", "=1+1\u0000\u0007\nnext line \u{1F941} ");
  assert.equal(sheet.unsent("hear")[0].value, "=1+1\nnext line \u{1F941}");
});

test("drafts of questions that this trial does not ask are ignored", () => {
  assert.deepEqual(new AnswerSheet(STEPS, {}, { foreign: "x" }).drafts(), {});
});

test("uuids are version 4 also without a secure context", () => {
  const plain = { getRandomValues: (bytes) => bytes.fill(255) };
  assert.equal(newUuid(plain), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  assert.match(newUuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("events that were not acknowledged are sent again, once each", async () => {
  const posted = [];
  let status = 0;
  const log = new EventLog({
    trial: "t",
    nowMs: () => 12.4,
    post: async (body) => {
      posted.push(body.events.map((event) => event.kind));
      return { status };
    },
  });
  log.add("play");
  await log.flush();
  log.add("pause");
  status = 200;
  await log.flush();
  await log.flush();
  assert.deepEqual(posted, [["play"], ["play", "pause"]]);
});
