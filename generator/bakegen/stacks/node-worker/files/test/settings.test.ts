import assert from "node:assert/strict";
import { test } from "node:test";
import { Settings } from "../src/settings.js";

const REDIS_URL = "redis://redis:6379";

test("defaults hold for variables that are missing or empty", () => {
  const settings = new Settings({ REDIS_URL, CONCURRENCY: "" });
  assert.deepEqual({ ...settings }, { redisUrl: REDIS_URL, concurrency: 1 });
});

test("values come from the environment", () => {
  assert.equal(new Settings({ REDIS_URL, CONCURRENCY: "8" }).concurrency, 8);
});

test("a wrong value is an error that names the variable", () => {
  assert.throws(() => new Settings({}), /REDIS_URL is not set/);
  for (const CONCURRENCY of ["0", "1.5", "many"]) {
    assert.throws(
      () => new Settings({ REDIS_URL, CONCURRENCY }),
      /CONCURRENCY/,
    );
  }
});
