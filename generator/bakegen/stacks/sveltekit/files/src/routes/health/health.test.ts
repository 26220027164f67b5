import { expect, test, vi } from "vitest";
import { GET } from "./+server.ts";

vi.mock("$app/env/private", () => ({ REVISION: "abc1234", VERSION: "1.2.3" }));

test("health says what runs", async () => {
  const response = GET();
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    status: "ok",
    version: "1.2.3",
    revision: "abc1234",
  });
});
