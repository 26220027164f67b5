<% if service.member %>
import { join } from "node:path";
<% endif %>
import type { NextConfig } from "next";

const config: NextConfig = {
  output: "standalone",
<% if service.member %>
  // The root of the workspace: its packages are traced too.
  outputFileTracingRoot: join(process.cwd(), "<< "/".join([".."] * service.path.parts | length) >>"),
<% else %>
  outputFileTracingRoot: process.cwd(),
<% endif %>
  poweredByHeader: false,
<% if service.member and "ui" in service.uses %>

  // It is built with the page: changes show at once under development.
  transpilePackages: [<< ("@" ~ service.slug ~ "/ui") | json >>],
<% endif %>
<% if service.member and "db" in service.uses %>

  // It loads what it needs while it runs, which a bundle cannot follow.
  serverExternalPackages: ["pg"],
<% endif %>

  // The commit that is built. Next would make up a random id in each build, but
  // the images of one release, one for each architecture, must agree on it.
  generateBuildId: () => process.env.REVISION || "development",

  // The image runs with a read-only root filesystem: pages are not cached there.
  experimental: { isrFlushToDisk: false },

<% if service.options.image_optimizer %>
  // The image optimizer has native code: the Dockerfile adds that of the image's
  // own platform.
<% else %>
  // Pictures are served as they are: the image optimizer needs sharp, which is
  // 9 MB of the image. `image_optimizer = true` in bakegen.toml brings it.
  images: { unoptimized: true },
<% endif %>
  outputFileTracingExcludes: {
<% if service.member %>
<% set store = "/".join([".."] * service.path.parts | length) ~ "/node_modules/.pnpm" %>
<% if service.options.image_optimizer %>
    "*": ["<< store >>/@img+*/**"],
<% else %>
    "*": [
      "<< store >>/@img+*/**",
      "<< store >>/sharp@*/**",
    ],
<% endif %>
<% elif service.options.image_optimizer %>
    "*": ["node_modules/@img/**"],
<% else %>
    "*": ["node_modules/@img/**", "node_modules/sharp/**"],
<% endif %>
  },
<% if service.health and service.health != "/api/health" %>

  // Where the health check asks.
  rewrites: async () => [
    {
      source: << service.health | json >>,
      destination: "/api/health",
    },
  ],
<% endif %>
};

export default config;
