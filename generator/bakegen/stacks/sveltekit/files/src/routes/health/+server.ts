import { REVISION, VERSION } from "$app/env/private";

export function GET(): Response {
  return Response.json({ status: "ok", version: VERSION, revision: REVISION });
}
