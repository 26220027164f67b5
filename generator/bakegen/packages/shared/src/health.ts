/** What the health endpoint of every service answers. */
export interface Health {
  status: "ok";
  version: string;
  revision: string;
}

/** The health of the build that runs here: its image names it in the environment. */
export function health(
  environment: Readonly<Record<string, string | undefined>>,
): Health {
  return {
    status: "ok",
    version: environment.VERSION || "unreleased",
    revision: environment.REVISION || "unknown",
  };
}
