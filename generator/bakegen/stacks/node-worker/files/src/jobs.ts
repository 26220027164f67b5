import { setTimeout } from "node:timers/promises";

/** The jobs by name: plain functions of what the queue carries, which is JSON. */
export const jobs = {
  "count-words": ({ text }: { text: string }): number =>
    text.split(/\s+/).filter(Boolean).length,

  /** A long job, to see what happens to one when the worker is stopped. */
  wait: async ({ seconds }: { seconds: number }): Promise<number> => {
    await setTimeout(seconds * 1000);
    return seconds;
  },
};

export type JobName = keyof typeof jobs;
export type JobData<Name extends JobName> = Parameters<(typeof jobs)[Name]>[0];

export function isJobName(name: string): name is JobName {
  return Object.hasOwn(jobs, name);
}
