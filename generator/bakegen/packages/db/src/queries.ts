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
  const pool = new pg.Pool({
    connectionString: url,
    connectionTimeoutMillis: 5000,
  });
  // The database may end a connection that nobody uses: the next query opens another one. Unheard, this ends the process.
  pool.on("error", (error) => {
    console.error(`Database: ${error.message}`);
  });
  return pool;
}
