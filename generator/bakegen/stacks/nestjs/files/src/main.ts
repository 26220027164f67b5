import { ConsoleLogger } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { AppModule } from "./app.module.js";
import { configure } from "./configure.js";
import { Settings } from "./settings.js";

const app = await NestFactory.create<NestExpressApplication>(AppModule, {
  bufferLogs: true,
});
const settings = app.get(Settings);
app.useLogger(
  new ConsoleLogger({
    logLevels: [settings.logLevel],
    colors: Boolean(process.stdout.isTTY),
  }),
);

configure(app);
app.enableShutdownHooks([], { useProcessExit: true });
await app.listen(settings.port, "0.0.0.0");
console.log(`Application running on port ${settings.port}`);
