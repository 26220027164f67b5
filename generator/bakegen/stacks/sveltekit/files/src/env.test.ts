import { expect, test } from "vitest";
import { variables } from "./env.ts";

test.each([
  ["backend:5000", "http://backend:5000"],
  ["https://api.example.org/", "https://api.example.org"],
])("%s is taken as an address", async (address, value) => {
  const { schema } = variables.PUBLIC_API_BASE_URL;
  expect(await schema["~standard"].validate(address)).toEqual({ value });
});
