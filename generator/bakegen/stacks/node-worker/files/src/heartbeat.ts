import { hostname } from "node:os";

/** How often the worker beats, in seconds. */
export const INTERVAL = 15;

const KEY = `heartbeat:${hostname()}`;

/** What a heartbeat needs of Redis. */
export interface Store {
  set(
    key: string,
    value: string,
    unit: "EX",
    seconds: number,
  ): Promise<unknown>;
  exists(key: string): Promise<number>;
  del(key: string): Promise<number>;
}

/** The heartbeat is a key that expires: it needs no port and no file. */
export async function beat(store: Store): Promise<void> {
  await store.set(KEY, "alive", "EX", 4 * INTERVAL);
}

export async function isAlive(store: Store): Promise<boolean> {
  return (await store.exists(KEY)) === 1;
}

export async function end(store: Store): Promise<void> {
  await store.del(KEY);
}
