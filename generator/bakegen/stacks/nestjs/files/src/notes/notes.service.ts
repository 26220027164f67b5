import { randomUUID } from "node:crypto";
import { Injectable } from "@nestjs/common";
import type { NewNote, Note } from "./note.js";

/** Notes live in memory. Swap this for a database; the routes stay as they are. */
@Injectable()
export class NotesService {
  private readonly notes = new Map<string, Note>();

  add(note: NewNote): Note {
    const added = { id: randomUUID(), ...note };
    this.notes.set(added.id, added);
    return added;
  }

  find(id: string): Note | undefined {
    return this.notes.get(id);
  }

  all(): Note[] {
    return [...this.notes.values()];
  }
}
