/** `node dist/enqueue.js NAME JSON` adds a job, to try it out. */

import { isJobName, type JobData, jobs } from "./jobs.js";
import { createQueue, enqueue } from "./queue.js";
import { connectOnce } from "./redis.js";
import { Settings } from "./settings.js";

const [name = "", data = "{}"] = process.argv.slice(2);
if (!isJobName(name)) {
  console.error(
    `usage: enqueue NAME JSON\njobs: ${Object.keys(jobs).join(", ")}`,
  );
  process.exit(2);
}
const connection = await connectOnce(new Settings(process.env).redisUrl);
const job = await enqueue(
  createQueue(connection),
  name,
  JSON.parse(data) as JobData<typeof name>,
);
console.log(`${name} ${job.id} is queued`);
await connection.quit();
