import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import type { Queries } from "../dist/index.js";
import { migrate } from "../dist/migrations.js";

/** A database that remembers what it was asked, knows its migrations, and fails at the text `bad`. */
class Database implements Queries {
  readonly asked: string[] = [];
  private readonly applied: string[];

  constructor(...applied: string[]) {
    this.applied = applied;
  }

  query<Row extends object>(text: string): Promise<{ rows: Row[] }> {
    this.asked.push(text);
    if (text === "bad") return Promise.reject(new Error("syntax error"));
    const rows = text.startsWith("SELECT name")
      ? this.applied.map((name) => ({ name }))
      : [];
    return Promise.resolve({ rows: rows as object[] as Row[] });
  }

  has(text: string): boolean {
    return this.asked.some((each) => each.startsWith(text));
  }
}

async function folder(
  t: TestContext,
  files: Record<string, string>,
): Promise<URL> {
  const path = await mkdtemp(join(tmpdir(), "migrations-"));
  t.after(() => rm(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(path, name), text);
  }
  return pathToFileURL(`${path}/`);
}

test("what is new is applied by name, once", async (t) => {
  const files = { "2.sql": "two", "1.sql": "one", "3.sql": "three" };
  const database = new Database("1.sql");
  const names = await migrate(database, await folder(t, files));
  assert.deepEqual(names, ["2.sql", "3.sql"]);
  assert.deepEqual(
    database.asked.filter((text) => ["one", "two", "three"].includes(text)),
    ["two", "three"],
  );
});

test("a migration that fails is rolled back and named, and the lock is free", async (t) => {
  const database = new Database();
  const files = await folder(t, { "1.sql": "bad", "2.sql": "two" });
  await assert.rejects(migrate(database, files), /1\.sql failed/);
  assert.ok(database.has("ROLLBACK"));
  assert.ok(!database.has("two"));
  assert.ok(database.has("SELECT pg_advisory_unlock"));
});

test("the package brings its own migrations", async () => {
  assert.deepEqual(await migrate(new Database()), ["0001_notes.sql"]);
});
