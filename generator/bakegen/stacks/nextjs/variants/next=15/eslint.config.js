import js from "@eslint/js";
import next from "@next/eslint-plugin-next";
import hooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import typescript from "typescript-eslint";

export default defineConfig([
  globalIgnores([".next/", "next-env.d.ts"]),
  js.configs.recommended,
  typescript.configs.recommended,
  hooks.configs.flat.recommended,
  next.flatConfig.coreWebVitals,
]);
