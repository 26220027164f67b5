import assert from "node:assert/strict";
import { test } from "node:test";
import { beat, end, INTERVAL, isAlive, type Store } from "../src/heartbeat.js";

/** A Redis in memory that remembers for how many seconds it was to keep a key. */
class Memory implements Store {
  readonly keys = new Map<string, number>();

  set(
    key: string,
    _value: string,
    _unit: "EX",
    seconds: number,
  ): Promise<"OK"> {
    this.keys.set(key, seconds);
    return Promise.resolve("OK");
  }

  exists(key: string): Promise<number> {
    return Promise.resolve(Number(this.keys.has(key)));
  }

  del(key: string): Promise<number> {
    return Promise.resolve(Number(this.keys.delete(key)));
  }
}

test("alive from the first heartbeat to the end", async () => {
  const store = new Memory();
  assert.equal(await isAlive(store), false);
  await beat(store);
  assert.equal(await isAlive(store), true);
  await end(store);
  assert.equal(await isAlive(store), false);
});

test("a heartbeat outlasts a few that did not come", async () => {
  const store = new Memory();
  await beat(store);
  const [seconds = 0] = store.keys.values();
  assert.ok(seconds > 2 * INTERVAL);
});
