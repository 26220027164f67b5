import pg from "pg";

/** What can be asked: a pool, a client in a transaction, or a stand-in for either in a test. */
export interface Queries {
  query<Row extends object>(
    text: string,
    values?: unknown[],
  ): Promise<{ rows: Row[] }>;
}

/** A pool of connections to the database at `url`; each is opened when a query needs it. */
export function connect(url: string): pg.Pool {
  return new pg.Pool({ connectionString: url, connectionTimeoutMillis: 5000 });
}
