import { Injectable, type OnApplicationShutdown } from "@nestjs/common";
import { connect, type Queries } from "@<< service.slug >>/db";

/** The connections of this process to the database at DATABASE_URL. */
@Injectable()
export class Database implements Queries, OnApplicationShutdown {
  private readonly pool: ReturnType<typeof connect>;

  constructor() {
    const url = process.env.DATABASE_URL;
    if (!url) throw new Error("DATABASE_URL is not set");
    this.pool = connect(url);
  }

  query<Row extends object>(
    text: string,
    values?: unknown[],
  ): Promise<{ rows: Row[] }> {
    return this.pool.query<Row>(text, values);
  }

  onApplicationShutdown(): Promise<void> {
    return this.pool.end();
  }
}
