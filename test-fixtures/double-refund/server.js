// An orders API as one would write it: a connection that stays open, WAL, BEGIN … COMMIT per request.
// FIXED=1 runs it with the bug repaired.
import { createServer } from "node:http";
import Database from "better-sqlite3";

const fixed = process.env.FIXED === "1";
const db = new Database(process.env.DATABASE_PATH);
db.pragma("journal_mode = WAL");
db.exec(`CREATE TABLE IF NOT EXISTS orders (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  amount   INTEGER NOT NULL CHECK (amount > 0),
  refunded INTEGER NOT NULL DEFAULT 0,
  status   TEXT    NOT NULL DEFAULT 'paid'
)`);

const findOrder = db.prepare("SELECT * FROM orders WHERE id = ?");

const createOrder = db.transaction(({ amount }) => {
  const { lastInsertRowid } = db.prepare("INSERT INTO orders (amount) VALUES (?)").run(amount);
  return [201, findOrder.get(lastInsertRowid)];
});

const refund = db.transaction(({ amount }, id) => {
  const order = findOrder.get(id);
  if (order === undefined) return [404, { error: "no such order" }];
  if (order.status === "cancelled") return [409, { error: "the order is cancelled" }];
  // The bug: the amount is compared with the order's, not with what is left of it.
  const left = fixed ? order.amount - order.refunded : order.amount;
  if (amount > left) return [409, { error: "more than was paid" }];
  db.prepare("UPDATE orders SET refunded = refunded + ? WHERE id = ?").run(amount, id);
  return [200, findOrder.get(id)];
});

const cancel = db.transaction((_body, id) => {
  const order = findOrder.get(id);
  if (order === undefined) return [404, { error: "no such order" }];
  if (order.refunded > 0) return [409, { error: "the order is refunded" }];
  db.prepare("UPDATE orders SET status = 'cancelled' WHERE id = ?").run(id);
  return [200, findOrder.get(id)];
});

function route(method, path, body) {
  const [, resource, id, verb] = path.split("/");
  if (method === "GET" && resource === "health") return [200, { ok: true }];
  if (method === "POST" && resource === "orders" && id === undefined) return createOrder(body);
  if (method === "POST" && resource === "orders" && verb === "refund") return refund(body, id);
  if (method === "POST" && resource === "orders" && verb === "cancel") return cancel(body, id);
  return [404, { error: "no such route" }];
}

createServer(async (request, response) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  const [status, body] = route(request.method, request.url, text === "" ? {} : JSON.parse(text));
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}).listen(Number(process.env.PORT), "127.0.0.1");
