import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  // `npm run dev` serves the page; its API is that of the running backend.
  server: {
    proxy: {
      "/api": process.env.BACKEND_URL ?? "http://127.0.0.1:<< service.publish or service.port or 8000 >>",
    },
  },
  test: { environment: "happy-dom" },
});
