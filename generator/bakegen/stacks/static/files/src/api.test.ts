<% import "languages/node/parts.jinja" as node with context %>
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { apiState } from "./api.ts";

const health = "<< node.api_health(service) >>";

/** An API that answers there with this status, and anything else with 404. */
async function serve(status: number): Promise<string> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === health ? status : 404).end();
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("no address: unset", async () => {
  expect(await apiState("")).toBe("unset");
});

test("a healthy API is up", async () => {
  expect(await apiState(await serve(200))).toBe("up");
});

test("an unhealthy API is down", async () => {
  expect(await apiState(await serve(503))).toBe("down");
});

test("an API that cannot be reached is down", async () => {
  expect(await apiState("http://127.0.0.1:1")).toBe("down");
});
