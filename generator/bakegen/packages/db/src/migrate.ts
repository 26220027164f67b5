// A deployment runs this before its new images start: node node_modules/@<< project.slug >>/db/dist/migrate.js
import pg from "pg";
import { migrate } from "./migrations.ts";

const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
try {
  const names = await migrate(client);
  console.log(names.length > 0 ? `Applied ${names.join(", ")}` : "Up to date");
} finally {
  await client.end();
}
