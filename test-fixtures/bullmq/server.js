// Loyalty points that jobs book: the API enqueues, a worker books. WORKER=asked runs a job only when
// it is asked to, WORKER=live takes jobs as they come. FIXED=1 runs it with the bug repaired.
import { createServer } from "node:http";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";

const { FIXED, PORT, REDIS_URL, WORKER } = process.env;
const connect = () => new Redis(REDIS_URL, { maxRetriesPerRequest: null });
const store = connect();
const queue = new Queue("points", { connection: store });

async function work({ name, data: { order } }) {
  if (name === "award") {
    await store.hset("awarded", order, 100);
    return store.incrby("points", 100);
  }
  const awarded = Number((await store.hget("awarded", order)) ?? 0);
  // The bug: what was taken back already is taken back again.
  if (FIXED === "1") await store.hdel("awarded", order);
  return store.decrby("points", awarded);
}

const options = { connection: connect() };
const worker =
  WORKER === "live" ? new Worker("points", work, options) : new Worker("points", null, options);
await worker.waitUntilReady();

async function workOnce() {
  const job = await worker.getNextJob("asked", { block: false });
  if (job === undefined) return [204, {}];
  await job.moveToCompleted(await work(job), "asked", false);
  return [200, { job: job.name }];
}

async function enqueue(name, order) {
  await queue.add(name, { order });
  return [202, {}];
}

async function setPaused(paused) {
  await (paused ? queue.pause() : queue.resume());
  return [200, {}];
}

function route(path) {
  const [, resource, id, verb] = path.split("/");
  if (resource === "orders" && verb === "pay") return enqueue("award", id);
  if (resource === "orders" && verb === "return") return enqueue("revoke", id);
  if (resource === "queue") return setPaused(id === "pause");
  if (resource === "jobs" && id === "next") return workOnce();
  return Promise.resolve([resource === "health" ? 200 : 404, {}]);
}

createServer(async (request, response) => {
  const [status, body] = await route(request.url);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(status === 204 ? undefined : JSON.stringify(body));
}).listen(Number(PORT), "127.0.0.1");
