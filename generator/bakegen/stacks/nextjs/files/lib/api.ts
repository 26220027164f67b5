<% import "languages/node/parts.jinja" as node with context %>
export type ApiState = "up" | "down" | "unset";

/** Asks the API for its health; an API that is down never takes the page with it. */
export async function apiState(url: string | undefined): Promise<ApiState> {
  if (!url) return "unset";
  const base = url.includes("://") ? url : `http://${url}`; // some hosts give only host:port
  try {
    const response = await fetch(`${base.replace(/\/+$/, "")}<< node.api_health(service) >>`, {
      cache: "no-store",
      signal: AbortSignal.timeout(2000),
    });
    return response.ok ? "up" : "down";
  } catch {
    return "down";
  }
}
