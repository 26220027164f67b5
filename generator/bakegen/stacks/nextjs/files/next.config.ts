import type { NextConfig } from "next";

const config: NextConfig = {
  output: "standalone",
  outputFileTracingRoot: import.meta.dirname,
  poweredByHeader: false,

  // The commit that is built. Next would make up a random id in each build, but
  // the images of one release, one for each architecture, must agree on it.
  generateBuildId: () => process.env.REVISION || "development",

  // The image runs with a read-only root filesystem: nothing is cached on disk.
  experimental: { isrFlushToDisk: false },

  // The image optimizer needs a writable cache and sharp, which is 9 MB of the
  // image and built per architecture. Remove these two settings to have it.
  images: { unoptimized: true },
  outputFileTracingExcludes: {
    "*": ["node_modules/@img/**", "node_modules/sharp/**"],
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
