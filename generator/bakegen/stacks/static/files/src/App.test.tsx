import { prerender } from "react-dom/static";
import { expect, test } from "vitest";
import { App } from "./App.tsx";
import type { ApiState } from "./api.ts";

/** The page as HTML, when the API has answered. */
async function page(state: ApiState): Promise<string> {
  const { prelude } = await prerender(<App state={Promise.resolve(state)} />);
  return new Response(prelude).text();
}

test.each([
  ["up", "The API is up."],
  ["down", "The API does not answer"],
  ["unset", "No API is connected"],
] as const)("the page says that the API is %s", async (state, sentence) => {
  expect(await page(state)).toContain(sentence);
});
