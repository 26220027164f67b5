/** `node dist/health.js` exits with 0 while the worker in this container lives. */

import { isAlive } from "./heartbeat.js";
import { connectOnce } from "./redis.js";
import { Settings } from "./settings.js";

const { redisUrl } = new Settings(process.env);
const alive = await connectOnce(redisUrl).then(isAlive, () => false);
process.exit(alive ? 0 : 1);
