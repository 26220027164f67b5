import { beat, end, INTERVAL } from "./heartbeat.js";
import { connect } from "./redis.js";
import { Settings } from "./settings.js";
import { createWorker } from "./worker.js";

const settings = new Settings(process.env);
const connection = connect(settings.redisUrl);
const worker = createWorker(connection, settings.concurrency);

/** Finishes the jobs in hand, and takes no other. */
async function stop(): Promise<void> {
  // Without Redis no job can be finished: BullMQ will give it to another worker.
  if (connection.status === "ready") {
    await worker.close();
    await end(connection);
  }
  process.exit(0);
}

process.once("SIGINT", () => void stop());
process.once("SIGTERM", () => void stop());

await worker.waitUntilReady();
await beat(connection);
setInterval(() => void beat(connection), INTERVAL * 1000);
console.log("Worker started, waiting for jobs...");
