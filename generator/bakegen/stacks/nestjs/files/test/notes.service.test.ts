import assert from "node:assert/strict";
import { test } from "node:test";
import { NotesService } from "../src/notes/notes.service.js";

test("each note has an id of its own", () => {
  const notes = new NotesService();
  const one = notes.add({ text: "same" });
  const other = notes.add({ text: "same" });
  assert.notEqual(one.id, other.id);
  assert.deepEqual(notes.all(), [one, other]);
  assert.equal(notes.find(one.id), one);
});

test("an id that was never given is nobody's", () => {
  assert.equal(new NotesService().find("nobody"), undefined);
});
