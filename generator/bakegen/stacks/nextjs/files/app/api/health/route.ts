export const dynamic = "force-dynamic";

export function GET(): Response {
  return Response.json({
    status: "ok",
    version: process.env.VERSION || "unreleased",
    revision: process.env.REVISION || "unknown",
  });
}
