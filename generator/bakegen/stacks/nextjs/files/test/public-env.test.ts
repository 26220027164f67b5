import assert from "node:assert/strict";
import { test } from "node:test";
import { publicEnvironment } from "../lib/public-env.ts";

test("a browser gets what is public, and no secret", () => {
  const environment = {
    NODE_ENV: "test",
    NEXT_PUBLIC_API_URL: "https://api.example.com",
    SECRET: "hidden",
  } as const;
  assert.deepEqual(publicEnvironment(environment), {
    NEXT_PUBLIC_API_URL: "https://api.example.com",
  });
});
