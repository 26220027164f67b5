import { Controller, Get, VERSION_NEUTRAL } from "@nestjs/common";
<% if "shared" in service.uses %>
import type { Health } from "@<< service.slug >>/shared";
import { Settings } from "../settings.js";
<% else %>
import { Settings } from "../settings.js";

export interface Health {
  status: "ok";
  version: string;
  revision: string;
}
<% endif %>

/** Says which build runs here, at /api/health and /api/v1/health. */
<% if service.health and service.health not in ("/api/health", "/api/v1/health") %>
@Controller({
  path: ["health", << service.health | json >>],
  version: [VERSION_NEUTRAL, "1"],
})
<% else %>
@Controller({ path: "health", version: [VERSION_NEUTRAL, "1"] })
<% endif %>
export class HealthController {
  constructor(private readonly settings: Settings) {}

  @Get()
  read(): Health {
    const { version, revision } = this.settings;
    return { status: "ok", version, revision };
  }
}
