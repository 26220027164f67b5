import { type Job, Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { JobData, JobName } from "./jobs.js";

export const QUEUE = "jobs";

export function createQueue(connection: Redis): Queue {
  return new Queue(QUEUE, {
    connection,
    defaultJobOptions: {
      attempts: 3,
      backoff: { type: "exponential", delay: 1000 },
      removeOnComplete: { count: 1000 },
      removeOnFail: { count: 1000 },
    },
  });
}

/** Adds a job; its data are those that the job of this name takes. */
export function enqueue<Name extends JobName>(
  queue: Queue,
  name: Name,
  data: JobData<Name>,
): Promise<Job> {
  return queue.add(name, data);
}
