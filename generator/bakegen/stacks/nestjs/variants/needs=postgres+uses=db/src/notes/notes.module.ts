import { Module } from "@nestjs/common";
import { Database } from "../database.js";
import { NotesController } from "./notes.controller.js";
import { NotesService } from "./notes.service.js";

@Module({
  controllers: [NotesController],
  providers: [Database, NotesService],
})
export class NotesModule {}
