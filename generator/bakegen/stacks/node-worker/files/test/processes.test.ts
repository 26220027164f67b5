import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";

/** Runs a file of src/, with no Redis behind the address. */
function run(file: string, REDIS_URL = "redis://127.0.0.1:1"): ChildProcess {
  const path = join(import.meta.dirname, "../src", file);
  return spawn(process.execPath, [path], { env: { REDIS_URL } });
}

async function exitCode(child: ChildProcess): Promise<unknown> {
  return ((await once(child, "exit")) as unknown[])[0];
}

test("without an address of Redis nothing starts", async () => {
  assert.equal(await exitCode(run("main.js", "")), 1);
  assert.equal(await exitCode(run("health.js", "")), 1);
});

test("a worker whose Redis is away is not healthy", async () => {
  assert.equal(await exitCode(run("health.js")), 1);
});

test("a worker whose Redis is away waits for it, and ends on SIGTERM", async () => {
  const worker = run("main.js");
  await once(worker.stderr!, "data");
  worker.kill("SIGTERM");
  assert.equal(await exitCode(worker), 0);
});

test("a job that nobody knows is not queued", async () => {
  assert.equal(await exitCode(run("enqueue.js")), 2);
});
