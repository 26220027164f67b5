import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "../src/database.js";
import { NotesService } from "../src/notes/notes.service.js";

/** A database that has these rows, and says what it was asked. */
function database(...rows: object[]): Database & { asked: unknown[][] } {
  const asked: unknown[][] = [];
  const query = (text: string, values: unknown[]) => {
    asked.push([text.split(" ")[0], ...values]);
    return Promise.resolve({ rows });
  };
  return { asked, query } as unknown as Database & { asked: unknown[][] };
}

test("a note is added with its text, as a value", async () => {
  const note = { id: "1", text: "'; DROP TABLE notes" };
  const one = database(note);
  assert.deepEqual(await new NotesService(one).add({ text: note.text }), note);
  assert.deepEqual(one.asked, [["INSERT", note.text]]);
});

test("a note is found by its id, or is not there", async () => {
  const note = { id: "1", text: "Hello" };
  assert.deepEqual(await new NotesService(database(note)).find("1"), note);
  assert.equal(await new NotesService(database()).find("1"), undefined);
});

test("all notes are listed", async () => {
  const notes = [{ id: "1" }, { id: "2" }];
  assert.deepEqual(await new NotesService(database(...notes)).all(), notes);
});
