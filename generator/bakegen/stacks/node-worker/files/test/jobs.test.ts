import assert from "node:assert/strict";
import { test } from "node:test";
import { UnrecoverableError } from "bullmq";
import { isJobName, jobs } from "../src/jobs.js";
import { perform } from "../src/worker.js";

test("words are counted whatever is between them", () => {
  assert.equal(jobs["count-words"]({ text: "to be or\nnot  to be " }), 6);
  assert.equal(jobs["count-words"]({ text: "" }), 0);
});

test("a job is done by its name, with its data", async () => {
  const result = await perform({
    name: "count-words",
    data: { text: "to be" },
  });
  assert.equal(result, 2);
});

test("a job that nobody knows is not tried again", async () => {
  for (const name of ["nobody", "constructor", ""]) {
    assert.equal(isJobName(name), false);
    await assert.rejects(perform({ name, data: {} }), UnrecoverableError);
  }
});

test("a job with wrong data fails", async () => {
  await assert.rejects(perform({ name: "count-words", data: {} }), TypeError);
});
