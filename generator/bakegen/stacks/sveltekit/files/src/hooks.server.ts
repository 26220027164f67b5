import type { Handle } from "@sveltejs/kit/hooks";

const headers = {
  "referrer-policy": "strict-origin-when-cross-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "SAMEORIGIN",
};

export const handle: Handle = async ({ event, resolve }) => {
<% if service.health and service.health != "/health" %>
  // Where the health check asks.
  if (event.url.pathname === << service.health | json >>) {
    return event.fetch("/health");
  }

<% endif %>
  const response = await resolve(event);
  for (const [name, value] of Object.entries(headers)) {
    response.headers.set(name, value);
  }
  return response;
};
