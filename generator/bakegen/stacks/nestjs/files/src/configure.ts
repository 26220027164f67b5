import { StandardSchemaValidationPipe, VersioningType } from "@nestjs/common";
import type { NestExpressApplication } from "@nestjs/platform-express";

/** What main.ts and the tests have in common: routes are /api/v1/..., and input is validated. */
export function configure(app: NestExpressApplication): void {
  app.disable("x-powered-by");
<% if service.health and service.health not in ("/api/health", "/api/v1/health") %>
  // Where the health check asks.
  app.setGlobalPrefix("api", { exclude: [<< service.health | json >>] });
<% else %>
  app.setGlobalPrefix("api");
<% endif %>
  app.enableVersioning({ type: VersioningType.URI });
  app.useGlobalPipes(new StandardSchemaValidationPipe());
}
