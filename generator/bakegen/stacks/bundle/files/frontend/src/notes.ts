export interface Note {
  id: string;
  text: string;
}

export async function listNotes(): Promise<Note[]> {
  return ask("/api/notes");
}

export async function addNote(text: string): Promise<Note> {
  return ask("/api/notes", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text }),
  });
}

async function ask<T>(path: string, request?: RequestInit): Promise<T> {
  const response = await fetch(path, request);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}
