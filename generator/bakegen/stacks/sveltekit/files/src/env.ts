<% set apis = service.needs | reject("in", project.backing) | list %>
<% set api = project.service(apis[0]) if apis %>
<% set variable = (api.variable if api else "API") ~ "_URL" %>
import { defineEnvVars } from "@sveltejs/kit/env";

/** Read when the server starts, so that one image fits every environment. */
export const variables = defineEnvVars({
  PUBLIC_API_BASE_URL: {
    public: true,
    description: "Where browsers find the API",
    schema: (value) => base(value || "http://localhost:<< api.publish or 5001 if api else 5001 >>"),
  },
  << variable >>: {
    description: "Where this server finds the API, if not where browsers do",
    schema: (value) => (value ? base(value) : undefined),
  },
  REVISION: {
    description: "The commit that runs",
    schema: (value) => value || "unknown",
  },
  VERSION: {
    description: "The release that runs",
    schema: (value) => value || "unreleased",
  },
});

/** An address that paths can be put behind; some hosts give only host:port. */
function base(address: string): string {
  const url = address.includes("://") ? address : `http://${address}`;
  return new URL(url).href.replace(/\/+$/, "");
}
