<% import "languages/node/parts.jinja" as node with context %>
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ask } from "./api.ts";

const health = "<< node.api_health(service) >>";

/** An API that answers its health with this status, and anything else with 404. */
async function serve(status: number): Promise<string> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === health ? status : 404).end("pong");
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a healthy API is up", async () => {
  expect(await ask(await serve(200))).toEqual({ up: true, text: "pong" });
});

test("an unhealthy API is not", async () => {
  expect(await ask(await serve(503))).toEqual({ up: false, text: "pong" });
});

test("an API that cannot be reached is not, either", async () => {
  expect(await ask("http://127.0.0.1:1")).toEqual({ up: false, text: "" });
});
