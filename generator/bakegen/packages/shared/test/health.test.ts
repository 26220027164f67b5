import assert from "node:assert/strict";
import { test } from "node:test";
import { health } from "../dist/index.js";

test("health names the build", () => {
  assert.deepEqual(health({ VERSION: "1.2.3", REVISION: "abc1234" }), {
    status: "ok",
    version: "1.2.3",
    revision: "abc1234",
  });
});

test("health is ok without a release", () => {
  assert.deepEqual(health({ VERSION: "" }), {
    status: "ok",
    version: "unreleased",
    revision: "unknown",
  });
});
