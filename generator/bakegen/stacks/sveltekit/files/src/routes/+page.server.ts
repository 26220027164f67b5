<% set apis = service.needs | reject("in", project.backing) | list %>
<% set variable = (project.service(apis[0]).variable if apis else "API") ~ "_URL" %>
import { << variable >> } from "$app/env/private";
import { PUBLIC_API_BASE_URL } from "$app/env/public";
import { ask } from "#lib/api.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async () => ({
  answer: await ask(<< variable >> ?? PUBLIC_API_BASE_URL),
});
