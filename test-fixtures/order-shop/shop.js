// The shop itself: it takes connections from a pool and commits.
import { setTimeout as sleep } from "node:timers/promises";

/** Answers requests, each that much later; `pool` is pg's, or anything with its `connect`. */
export function createShop(pool, laterMs = 0) {
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

  const createOrder = () =>
    inTransaction(async (client) => {
      const sql = "INSERT INTO orders (customer, product) VALUES (1, 1) RETURNING id";
      const { rows } = await client.query(sql);
      return [201, { id: Number(rows[0].id) }];
    });

  /** Moves an order from one status to another, with what belongs to it. */
  const move = (id, [from, to], and) =>
    inTransaction(async (client) => {
      const sql = "UPDATE orders SET status = $1 WHERE id = $2 AND status = $3";
      const { rowCount } = await client.query(sql, [to, id, from]);
      if (rowCount === 0) return [409, { error: `not ${from}` }];
      if (and !== undefined) await client.query(and, [id]);
      return [200, {}];
    });

  const pay = (id) =>
    move(
      id,
      ["open", "paid"],
      `INSERT INTO payments ("order", amount) SELECT o.id, p.price FROM orders AS o JOIN products AS p ON p.id = o.product WHERE o.id = $1`,
    );
  const refund = (id) =>
    move(id, ["paid", "refunded"], `UPDATE payments SET refunded = amount WHERE "order" = $1`);
  const cancel = (id) => move(id, ["open", "cancelled"]);
  const verbs = { pay, refund, cancel };

  async function route(method, path) {
    const [, resource, id, verb] = path.split("/");
    if (path === "/health") return [200, {}];
    if (method !== "POST" || resource !== "orders") return [404, {}];
    if (id === undefined) return createOrder();
    return Object.hasOwn(verbs, verb) ? verbs[verb](id) : [404, {}];
  }

  return async (request, response) => {
    const [status, body] = await route(request.method, request.url);
    if (laterMs > 0) await sleep(laterMs);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
}
