import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { GET } from "../app/api/health/route.ts";

afterEach(() => {
  delete process.env.VERSION;
  delete process.env.REVISION;
});

test("health says what runs", async () => {
  process.env.VERSION = "1.2.3";
  process.env.REVISION = "abc1234";
  assert.deepEqual(await GET().json(), {
    status: "ok",
    version: "1.2.3",
    revision: "abc1234",
  });
});

test("health is ok without a release", async () => {
  const response = GET();
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), {
    status: "ok",
    version: "unreleased",
    revision: "unknown",
  });
});
