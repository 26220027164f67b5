import type { Queries } from "./queries.ts";

export interface Note {
  id: string;
  text: string;
}

export async function addNote(database: Queries, text: string): Promise<Note> {
  const { rows } = await database.query<Note>(
    "INSERT INTO notes (text) VALUES ($1) RETURNING id, text",
    [text],
  );
  const [added] = rows;
  if (!added) throw new Error("the database has not given back the new note");
  return added;
}

export async function findNote(
  database: Queries,
  id: string,
): Promise<Note | undefined> {
  const { rows } = await database.query<Note>(
    "SELECT id, text FROM notes WHERE id = $1",
    [id],
  );
  return rows[0];
}

/** The newest first. */
export async function listNotes(
  database: Queries,
  limit = 100,
): Promise<Note[]> {
  const { rows } = await database.query<Note>(
    "SELECT id, text FROM notes ORDER BY created_at DESC LIMIT $1",
    [limit],
  );
  return rows;
}
