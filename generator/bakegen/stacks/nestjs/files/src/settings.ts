import type { LogLevel } from "@nestjs/common";
import { z } from "zod";

const LOG_LEVELS = {
  debug: "debug",
  info: "log",
  warn: "warn",
  error: "error",
} as const satisfies Record<string, LogLevel>;

const port = z.coerce.number().int().min(1).max(65_535);

const schema = z.object({
  PORT: port.default(<< service.port or 4000 >>),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
  VERSION: z.string().default("unreleased"),
  REVISION: z.string().default("unknown"),
});

/** Settings come from the environment; a wrong value stops the process at its start. */
export class Settings {
  readonly port: number;
  readonly logLevel: LogLevel;
  readonly version: string;
  readonly revision: string;

  constructor(environment: NodeJS.ProcessEnv) {
    // A variable that is set but empty counts as not set.
    const set = Object.entries(environment).filter(([, value]) => value);
    const { data, error } = schema.safeParse(Object.fromEntries(set));
    if (error) {
      throw new Error(`The environment is wrong:\n${z.prettifyError(error)}`);
    }
    this.port = data.PORT;
    this.logLevel = LOG_LEVELS[data.LOG_LEVEL];
    this.version = data.VERSION;
    this.revision = data.REVISION;
  }
}
