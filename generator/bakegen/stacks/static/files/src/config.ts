/** What differs between environments: read by the browser, so nothing here is a secret. */
export type Config = { apiBaseUrl: string };

/** Reads /config.json, which can be another file where the image runs. */
export async function loadConfig(): Promise<Config> {
  const response = await fetch("/config.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`/config.json: ${response.status}`);
  const { apiBaseUrl = "" } = (await response.json()) as Partial<Config>;
  return { apiBaseUrl: apiBaseUrl.replace(/\/+$/, "") };
}
