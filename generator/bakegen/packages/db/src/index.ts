export { addNote, findNote, listNotes, type Note } from "./notes.ts";
export { connect, type Queries } from "./queries.ts";
