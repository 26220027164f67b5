import { type Job, UnrecoverableError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { isJobName, jobs } from "./jobs.js";
import { QUEUE } from "./queue.js";

/** Does a job. One that nobody knows is not tried again. */
export async function perform({
  name,
  data,
}: Pick<Job<unknown>, "name" | "data">): Promise<unknown> {
  if (!isJobName(name)) {
    throw new UnrecoverableError(`there is no job ${name}`);
  }
  return jobs[name](data as never);
}

export function createWorker(connection: Redis, concurrency: number): Worker {
  const worker = new Worker<unknown>(QUEUE, perform, {
    connection,
    concurrency,
  });
  worker.on("completed", (job, result) => {
    console.log(`${job.name} ${job.id}: ${JSON.stringify(result)}`);
  });
  worker.on("failed", (job, error) => {
    console.error(`${job?.name} ${job?.id} failed: ${error.message}`);
  });
  worker.on("error", (error) => {
    console.error(`Redis: ${error.message}`);
  });
  return worker;
}
