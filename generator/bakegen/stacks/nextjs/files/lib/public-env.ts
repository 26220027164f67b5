export type PublicEnvironment = Readonly<Record<string, string>>;

/**
 * The variables that a browser may know, those that begin with NEXT_PUBLIC_, as
 * they are where the image runs: one image serves every environment. Next puts
 * the value of the build in place of `process.env.NEXT_PUBLIC_X`, so read them
 * here, in a page that is rendered for each request, and pass them on.
 */
export function publicEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
): PublicEnvironment {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] =>
        entry[0].startsWith("NEXT_PUBLIC_") && entry[1] !== undefined,
    ),
  );
}
