import { Redis } from "ioredis";

/** For the worker: it waits for a Redis that is away, for as long as it takes. */
export function connect(url: string): Redis {
  return new Redis(url, { maxRetriesPerRequest: null });
}

/** For a process that asks once: it fails if Redis is away. */
export async function connectOnce(url: string): Promise<Redis> {
  const connection = new Redis(url, {
    connectTimeout: 2000,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  connection.on("error", (error) => {
    console.error(`Redis: ${error.message}`);
  });
  await connection.connect();
  return connection;
}
