import { randomUUID } from "node:crypto";
import type { NewNote, Note } from "../src/notes/note.js";
import type { NotesService } from "../src/notes/notes.service.js";

/** Notes for tests, which need no database. */
export class MemoryNotes implements Pick<NotesService, "add" | "all" | "find"> {
  private readonly notes = new Map<string, Note>();

  add(note: NewNote): Promise<Note> {
    const added = { id: randomUUID(), ...note };
    this.notes.set(added.id, added);
    return Promise.resolve(added);
  }

  find(id: string): Promise<Note | undefined> {
    return Promise.resolve(this.notes.get(id));
  }

  all(): Promise<Note[]> {
    return Promise.resolve([...this.notes.values()]);
  }
}
