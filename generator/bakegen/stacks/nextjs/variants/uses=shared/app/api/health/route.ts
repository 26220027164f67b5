import { health } from "@<< service.slug >>/shared";

export const dynamic = "force-dynamic";

export function GET(): Response {
  return Response.json(health(process.env));
}
