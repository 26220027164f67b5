<% import "languages/node/parts.jinja" as node with context %>
/** What the API says of its health; nothing if it does not answer. */
export type Answer = { up: boolean; text: string };

/** Asks the API for its health; an API that is down never takes the page with it. */
export async function ask(base: string): Promise<Answer> {
  try {
    const response = await fetch(`${base}<< node.api_health(service) >>`, {
      signal: AbortSignal.timeout(2000),
    });
    return { up: response.ok, text: await response.text() };
  } catch {
    return { up: false, text: "" };
  }
}
