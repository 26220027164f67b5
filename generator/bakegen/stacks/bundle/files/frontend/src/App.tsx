import { useEffect, useState } from "react";
import styles from "./App.module.css";
import { addNote, listNotes, type Note } from "./notes";

export function App() {
  const [notes, setNotes] = useState<Note[]>([]);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    listNotes().then(setNotes, () => setFailed(true));
  }, []);

  async function add(form: FormData) {
    try {
      const note = await addNote(String(form.get("text")));
      setNotes((notes) => [...notes, note]);
      setFailed(false);
    } catch {
      setFailed(true);
    }
  }

  return (
    <main className={styles.notes}>
      <h1>Notes</h1>
      <form action={add}>
        <input name="text" aria-label="Note" required maxLength={10_000} />
        <button>Add</button>
      </form>
      {failed && <p role="alert">The API does not answer.</p>}
      <ul>
        {notes.map((note) => (
          <li key={note.id}>{note.text}</li>
        ))}
      </ul>
    </main>
  );
}
