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
<% if service.options.next == "15" %>

    // What only builds and development load, 3 MB, is to version 15 a part of
    // its server. A page that needs one of these packages still has it.
    "next-server": [
<% if service.member %>
      "node_modules/@img/**",
<% if not service.options.image_optimizer %>
      "node_modules/sharp/**",
<% endif %>
<% endif %>
      "node_modules/next/dist/build/{babel,polyfills,webpack}/**",
      "node_modules/next/dist/compiled/babel/bundle.js",
      "node_modules/next/dist/compiled/{@next,@vercel/nft,babel-packages}/**",
      "node_modules/next/dist/compiled/{acorn,amphtml-validator,assert}/**",
      "node_modules/next/dist/compiled/{browserslist,cssnano-simple}/**",
      "node_modules/next/dist/compiled/{*-zlib,crypto-browserify,stream-*}/**",
      "node_modules/next/dist/compiled/{loader-utils,schema-utils}*/**",
      "node_modules/next/dist/compiled/{next-devtools,react-refresh}/**",
      "node_modules/next/dist/compiled/{postcss-*,source-map08}/**",
      "node_modules/{caniuse-lite,nanoid,picocolors,postcss,source-map-js}/**",
      "node_modules/react-dom/cjs/*.development.js",
    ],
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
