// Tickets in PostgreSQL, the till in Redis. FIXED=1 runs it with the bug repaired.
import { createServer } from "node:http";
import { Redis } from "ioredis";
import { Pool } from "pg";

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 3 });
const cache = new Redis(process.env.REDIS_URL);
// The bug: what was given back already is taken again.
const condition = process.env.FIXED === "1" ? "AND returned = 0" : "";

async function inTransaction(sql, params) {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("LOCK TABLE tickets");
    const { rows } = await client.query(sql, params);
    await client.query("COMMIT");
    return rows[0];
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

async function sell() {
  const ticket = await inTransaction(
    `INSERT INTO tickets (returned)
     SELECT 0 WHERE (SELECT count(*) - coalesce(sum(returned), 0) FROM tickets) < (SELECT seats FROM hall)
     RETURNING id`,
  );
  if (ticket === undefined) return [409, { error: "sold out" }];
  await cache.incrby("till", 20);
  return [201, { id: Number(ticket.id) }];
}

async function takeBack(id) {
  const sql = `UPDATE tickets SET returned = returned + 1 WHERE id = $1 ${condition} RETURNING id`;
  if ((await inTransaction(sql, [id])) === undefined) return [409, { error: "not sold" }];
  await cache.decrby("till", 20);
  return [200, {}];
}

function route(path) {
  const [, resource, id, verb] = path.split("/");
  if (resource === "tickets" && id === undefined) return sell();
  if (resource === "tickets" && verb === "return") return takeBack(id);
  return Promise.resolve([resource === "health" ? 200 : 404, {}]);
}

createServer(async (request, response) => {
  const [status, body] = await route(request.url);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}).listen(Number(process.env.PORT), "127.0.0.1");
