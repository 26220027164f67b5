"use client";

import type { PublicEnvironment } from "../lib/public-env";

/** Runs in the browser, which knows the environment that the page passed on. */
export function Address({ environment }: { environment: PublicEnvironment }) {
  const address = environment.NEXT_PUBLIC_API_URL;
  return address ? (
    <>
      Browsers reach the API at <a href={address}>{address}</a>.
    </>
  ) : (
    <>Browsers know no address of an API: NEXT_PUBLIC_API_URL is not set.</>
  );
}
