import { readdir, readFile } from "node:fs/promises";
import type { Queries } from "./queries.ts";

const FOLDER = new URL("../migrations/", import.meta.url);

// Any number that all processes agree on: two deployments at once wait for each other.
const LOCK = 7_266_429;

/**
 * Applies the files of migrations/ that the database has not seen, by name, each in a transaction of its own, and
 * gives back their names. `client` is one connection, not a pool: the lock and the transactions belong to it.
 */
export async function migrate(
  client: Queries,
  folder: URL = FOLDER,
): Promise<string[]> {
  await client.query("SELECT pg_advisory_lock($1)", [LOCK]);
  try {
    await client.query(
      "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
    );
    const { rows } = await client.query<{ name: string }>(
      "SELECT name FROM migrations",
    );
    const applied = new Set(rows.map((row) => row.name));
    const names = (await readdir(folder))
      .filter((name) => name.endsWith(".sql") && !applied.has(name))
      .sort();
    for (const name of names) await apply(client, folder, name);
    return names;
  } finally {
    await client.query("SELECT pg_advisory_unlock($1)", [LOCK]);
  }
}

async function apply(
  client: Queries,
  folder: URL,
  name: string,
): Promise<void> {
  const statements = await readFile(new URL(name, folder), "utf8");
  await client.query("BEGIN");
  try {
    await client.query(statements);
    await client.query("INSERT INTO migrations (name) VALUES ($1)", [name]);
    await client.query("COMMIT");
  } catch (cause) {
    await client.query("ROLLBACK");
    throw new Error(`the migration ${name} failed`, { cause });
  }
}
