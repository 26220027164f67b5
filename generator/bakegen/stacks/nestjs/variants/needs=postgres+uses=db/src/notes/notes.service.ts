import { Injectable } from "@nestjs/common";
import { addNote, findNote, listNotes } from "@<< service.slug >>/db";
import { Database } from "../database.js";
import type { NewNote, Note } from "./note.js";

/** Notes live in the database, which packages/db knows. */
@Injectable()
export class NotesService {
  constructor(private readonly database: Database) {}

  add(note: NewNote): Promise<Note> {
    return addNote(this.database, note.text);
  }

  find(id: string): Promise<Note | undefined> {
    return findNote(this.database, id);
  }

  all(): Promise<Note[]> {
    return listNotes(this.database);
  }
}
