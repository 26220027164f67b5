import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { Test } from "@nestjs/testing";
import { AppModule } from "../src/app.module.js";
import { configure } from "../src/configure.js";
<% if "db" in service.uses and "postgres" in service.needs %>
import { Database } from "../src/database.js";
<% endif %>
import type { Note } from "../src/notes/note.js";
<% if "db" in service.uses and "postgres" in service.needs %>
import { NotesService } from "../src/notes/notes.service.js";
import { Settings } from "../src/settings.js";
import { MemoryNotes } from "./memory.js";
<% else %>
import { Settings } from "../src/settings.js";
<% endif %>

let app: NestExpressApplication;
let address: string;

before(async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(Settings)
    .useValue(new Settings({ VERSION: "1.2.3", REVISION: "abc1234" }))
<% if "db" in service.uses and "postgres" in service.needs %>
    .overrideProvider(Database)
    .useValue({})
    .overrideProvider(NotesService)
    .useValue(new MemoryNotes())
<% endif %>
    .compile();
  app = module.createNestApplication<NestExpressApplication>({
    logger: false,
  });
  configure(app);
  await app.listen(0, "127.0.0.1");
  address = await app.getUrl();
});

after(() => app.close());

function post(path: string, body: unknown): Promise<Response> {
  return fetch(`${address}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function saysWhatRuns(path: string): Promise<void> {
  const response = await fetch(`${address}${path}`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("x-powered-by"), null);
  assert.deepEqual(await response.json(), {
    status: "ok",
    version: "1.2.3",
    revision: "abc1234",
  });
}

test("health says what runs", async () => {
  await saysWhatRuns("/api/health");
  await saysWhatRuns("/api/v1/health");
<% if service.health and service.health not in ("/api/health", "/api/v1/health") %>
  await saysWhatRuns(<< service.health | json >>);
<% endif %>
});

test("a note that is created can be read and is listed", async () => {
  const created = await post("/api/v1/notes", { text: "Hello" });
  assert.equal(created.status, 201);
  const note = (await created.json()) as Note;
  assert.equal(note.text, "Hello");

  const read = await fetch(`${address}/api/v1/notes/${note.id}`);
  assert.deepEqual(await read.json(), note);
  const list = await fetch(`${address}/api/v1/notes`);
  assert.deepEqual(await list.json(), [note]);
});

test("a note without text is refused, with the reason", async () => {
  for (const body of [{}, { text: "" }, { text: 1 }]) {
    const response = await post("/api/v1/notes", body);
    assert.equal(response.status, 400);
    const { message } = (await response.json()) as { message: string[] };
    assert.match(message.join("\n"), /^text: /);
  }
});

test("a note that is not there is not found", async () => {
  const nobody = "00000000-0000-4000-8000-000000000000";
  assert.equal((await fetch(`${address}/api/v1/notes/${nobody}`)).status, 404);
  assert.equal((await fetch(`${address}/api/v1/notes/1`)).status, 400);
});

test("nothing is served without a version but the health", async () => {
  assert.equal((await fetch(`${address}/api/notes`)).status, 404);
  assert.equal((await fetch(`${address}/notes`)).status, 404);
});
