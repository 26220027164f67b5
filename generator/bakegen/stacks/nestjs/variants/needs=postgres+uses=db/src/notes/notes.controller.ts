import {
  Body,
  Controller,
  Get,
  NotFoundException,
  Param,
  ParseUUIDPipe,
  Post,
} from "@nestjs/common";
import { type NewNote, newNote, type Note } from "./note.js";
import { NotesService } from "./notes.service.js";

/** An example resource, at /api/v1/notes. */
@Controller({ path: "notes", version: "1" })
export class NotesController {
  constructor(private readonly notes: NotesService) {}

  @Get()
  list(): Promise<Note[]> {
    return this.notes.all();
  }

  @Post()
  create(@Body({ schema: newNote }) note: NewNote): Promise<Note> {
    return this.notes.add(note);
  }

  @Get(":id")
  async read(@Param("id", ParseUUIDPipe) id: string): Promise<Note> {
    const note = await this.notes.find(id);
    if (!note) throw new NotFoundException("no such note");
    return note;
  }
}
