// What apps and their libraries send to PostgreSQL besides plain statements, one route each.
import { createServer } from "node:http";
import { Client, Pool } from "pg";

const connectionString = process.env.DATABASE_URL;
const pool = new Pool({ connectionString, max: 4 });
// To go back across a schema change ends all connections: the pool makes new ones.
pool.on("error", () => {});
const insert = "INSERT INTO items (value) VALUES ($1)";

async function withClient(work) {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

const inTransaction = (work, begin = "BEGIN") =>
  withClient(async (client) => {
    await client.query(begin);
    try {
      await work(client);
      await client.query("COMMIT");
    } catch (error) {
      await client.query("ROLLBACK");
      throw error;
    }
  });

async function insertCount(client) {
  const { rows } = await client.query("SELECT count(*)::int AS count FROM items");
  await client.query(insert, [rows[0].count]);
}

/** Tried again, as the manual says, until it was as if it had been alone. */
async function countSerializable(tries = 20) {
  try {
    await inTransaction(insertCount, "BEGIN ISOLATION LEVEL SERIALIZABLE");
  } catch (error) {
    if (error.code !== "40001" || tries === 0) throw error;
    await countSerializable(tries - 1);
  }
}

const heard = [];
const listener = new Client({ connectionString });
listener.on("error", () => {});
await listener.connect();
await listener.query("LISTEN items");
listener.on("notification", ({ payload }) => heard.push(payload));

const routes = {
  health: () => {},
  "named statement": () => pool.query({ name: "insert", text: insert, values: [1] }),
  "temporary table": () =>
    inTransaction(async (client) => {
      await client.query("CREATE TEMPORARY TABLE stage (value integer) ON COMMIT DROP");
      await client.query("INSERT INTO stage VALUES (2)");
      await client.query("INSERT INTO items (value) SELECT value FROM stage");
    }),
  "table that exists": () => pool.query("CREATE TABLE IF NOT EXISTS items (id integer)"),
  savepoint: () =>
    inTransaction(async (client) => {
      await client.query("SAVEPOINT nested");
      await client.query(insert, [3]);
      await client.query("ROLLBACK TO nested");
      await client.query(insert, [4]);
    }),
  "cursor that is held": () =>
    withClient(async (client) => {
      await client.query("BEGIN; DECLARE held CURSOR WITH HOLD FOR SELECT * FROM items; COMMIT");
      const { rows } = await client.query("FETCH ALL FROM held");
      await client.query(insert, [rows.length]);
      await client.query("CLOSE held");
    }),
  "two at once, serializable": () => Promise.all([countSerializable(), countSerializable()]),
  "lock of a transaction": () =>
    inTransaction(async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(1)");
      await client.query(insert, [5]);
    }),
  "added column": () => pool.query("ALTER TABLE items ADD COLUMN IF NOT EXISTS note text"),
  "emptied table": () => pool.query("TRUNCATE items RESTART IDENTITY"),
  notification: async () => {
    const before = heard.length;
    await pool.query("BEGIN; INSERT INTO items (value) VALUES (6); NOTIFY items, 'new'; COMMIT");
    while (heard.length === before) await new Promise((resolve) => setTimeout(resolve, 1));
  },
  // What cannot be explored.
  "transaction left open": async () => {
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query(insert, [7]);
  },
  // The session goes back to the pool with the lock; whichever is next waits for itself.
  "lock of a session": async () => {
    const [one, other] = await Promise.all([pool.connect(), pool.connect()]);
    await one.query("SELECT pg_advisory_lock(2)");
    await one.query(insert, [8]);
    one.release();
    other.release();
  },
};

createServer(async (request, response) => {
  let status = 200;
  let body = {};
  try {
    await routes[decodeURIComponent(request.url.slice(1))]();
  } catch (error) {
    status = 500;
    body = { error: error.message };
  }
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}).listen(Number(process.env.PORT), "127.0.0.1");
