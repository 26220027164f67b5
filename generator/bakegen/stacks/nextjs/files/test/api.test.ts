<% import "languages/node/parts.jinja" as node with context %>
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { apiState } from "../lib/api.ts";

const health = "<< node.api_health(service) >>";

/** An API that answers its health with this status, and anything else with 404. */
async function serve(t: TestContext, status: number): Promise<string> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === health ? status : 404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("no address: unset", async () => {
  assert.equal(await apiState(undefined), "unset");
  assert.equal(await apiState(""), "unset");
});

test("a healthy API is up, with and without a slash at the end, and without http://", async (t) => {
  const url = await serve(t, 200);
  assert.equal(await apiState(url), "up");
  assert.equal(await apiState(`${url}/`), "up");
  assert.equal(await apiState(url.replace("http://", "")), "up");
});

test("an unhealthy API is down", async (t) => {
  assert.equal(await apiState(await serve(t, 503)), "down");
});

test("an API that cannot be reached, or has a bad address, is down", async () => {
  assert.equal(await apiState("http://127.0.0.1:1"), "down");
  assert.equal(await apiState("not an address"), "down");
});
