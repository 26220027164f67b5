import { afterEach, expect, test, vi } from "vitest";
import { loadConfig } from "./config.ts";

afterEach(() => void vi.unstubAllGlobals());

function answer(response: Response): void {
  vi.stubGlobal("fetch", async () => response);
}

test("an address may end with a slash", async () => {
  answer(Response.json({ apiBaseUrl: "https://api.example.org/" }));
  expect(await loadConfig()).toEqual({ apiBaseUrl: "https://api.example.org" });
});

test("nothing configured: no API", async () => {
  answer(Response.json({}));
  expect(await loadConfig()).toEqual({ apiBaseUrl: "" });
});

test("no configuration is an error that says so", async () => {
  answer(new Response("", { status: 404 }));
  await expect(loadConfig()).rejects.toThrow("/config.json: 404");
});
