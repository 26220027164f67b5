<% import "languages/node/parts.jinja" as node with context %>
export type ApiState = "up" | "down" | "unset";

/** Asks the API for its health; one that does not answer never takes the page with it. */
export async function apiState(base: string): Promise<ApiState> {
  if (!base) return "unset";
  try {
    const response = await fetch(`${base}<< node.api_health(service) >>`, {
      signal: AbortSignal.timeout(5000),
    });
    return response.ok ? "up" : "down";
  } catch {
    return "down";
  }
}
