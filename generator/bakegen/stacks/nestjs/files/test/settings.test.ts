import assert from "node:assert/strict";
import { test } from "node:test";
import { Settings } from "../src/settings.js";

test("defaults hold for variables that are missing or empty", () => {
  const settings = new Settings({ PORT: "", LOG_LEVEL: "" });
  assert.deepEqual(
    { ...settings },
    {
      port: << service.port or 4000 >>,
      logLevel: "log",
      version: "unreleased",
      revision: "unknown",
    },
  );
});

test("values come from the environment", () => {
  const settings = new Settings({ PORT: "8080", LOG_LEVEL: "debug" });
  assert.equal(settings.port, 8080);
  assert.equal(settings.logLevel, "debug");
});

test("a wrong value is an error that names the variable", () => {
  assert.throws(() => new Settings({ PORT: "many" }), /PORT/);
  assert.throws(() => new Settings({ PORT: "70000" }), /PORT/);
  assert.throws(() => new Settings({ LOG_LEVEL: "loud" }), /LOG_LEVEL/);
});
