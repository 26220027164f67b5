import { Module } from "@nestjs/common";
import { HealthController } from "./health/health.controller.js";
import { NotesModule } from "./notes/notes.module.js";
import { SettingsModule } from "./settings.module.js";

@Module({
  imports: [SettingsModule, NotesModule],
  controllers: [HealthController],
})
export class AppModule {}
