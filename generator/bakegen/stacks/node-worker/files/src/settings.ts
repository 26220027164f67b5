/** Settings come from the environment; a wrong value stops the process at its start. */
export class Settings {
  readonly redisUrl: string;
  readonly concurrency: number;

  constructor(environment: NodeJS.ProcessEnv) {
    const { REDIS_URL, CONCURRENCY } = environment;
    if (!REDIS_URL) throw new Error("REDIS_URL is not set");
    this.redisUrl = REDIS_URL;

    // A variable that is set but empty counts as not set.
    this.concurrency = Number(CONCURRENCY || 1);
    if (!Number.isInteger(this.concurrency) || this.concurrency < 1) {
      throw new Error(`CONCURRENCY is ${CONCURRENCY}, not 1 or more`);
    }
  }
}
