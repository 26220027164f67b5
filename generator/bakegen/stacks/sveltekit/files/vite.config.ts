import adapter from "@sveltejs/adapter-node";
import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [
    sveltekit({
      adapter: adapter(),

      // The commit that is built. SvelteKit would take the time of the build, but
      // the images of one release, one for each architecture, must agree on it.
      version: { name: process.env.REVISION || "development" },
    }),
  ],
  build: { sourcemap: false },
<% if service.options.server == "preview" %>

  // Vite refuses a host name that it does not know. Those of the image are known
  // where it runs: ALLOWED_HOSTS names them, separated by commas. Without it any
  // name is answered.
  preview: {
    allowedHosts: process.env.ALLOWED_HOSTS?.split(",") ?? true,
  },
<% endif %>
});
