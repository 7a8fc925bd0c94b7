// Orders in PostgreSQL, their number in Redis. FIXED=1 runs it with the bug repaired.
import { createServer } from "node:http";
import { Redis } from "ioredis";
import { Pool } from "pg";

const fixed = process.env.FIXED === "1";
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 3 });
const cache = new Redis(process.env.REDIS_URL);

async function inTransaction(work) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

async function createOrder() {
  const id = await inTransaction(async (client) => {
    const { rows } = await client.query("INSERT INTO orders (amount) VALUES (100) RETURNING id");
    return Number(rows[0].id);
  });
  await cache.incr("order_count");
  return [201, { id }];
}

async function cancel(id) {
  const changed = await inTransaction(async (client) => {
    const sql = "UPDATE orders SET status = 'cancelled' WHERE id = $1 AND status = 'open'";
    return (await client.query(sql, [id])).rowCount;
  });
  if (changed === 0) return [409, { error: "not open" }];
  // The bug: the cache is not told.
  if (fixed) await cache.decr("order_count");
  return [200, {}];
}

function route(method, path) {
  const [, resource, id, verb] = path.split("/");
  if (method === "POST" && resource === "orders" && id === undefined) return createOrder();
  if (method === "POST" && resource === "orders" && verb === "cancel") return cancel(id);
  return Promise.resolve([resource === "health" ? 200 : 404, {}]);
}

createServer(async (request, response) => {
  const [status, body] = await route(request.method, request.url);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}).listen(Number(process.env.PORT), "127.0.0.1");
