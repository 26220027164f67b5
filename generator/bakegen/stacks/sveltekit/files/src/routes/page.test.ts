import { render } from "svelte/server";
import { expect, test, vi } from "vitest";
import Page from "./+page.svelte";

vi.mock("$app/env/public", () => ({
  PUBLIC_API_BASE_URL: "https://api.example.org",
}));

function page(up: boolean, text: string): string {
  const props = { params: {}, form: null, data: { answer: { up, text } } };
  return render(Page, { props }).body;
}

test("the page shows what the API answers, and where it is", () => {
  const body = page(true, "it's <alive>");
  expect(body).toContain("The API is up.");
  expect(body).toContain("it's &lt;alive>");
  expect(body).toContain('href="https://api.example.org"');
});

test("the page says that the API does not answer", () => {
  expect(page(false, "")).toContain("The API does not answer.");
});
