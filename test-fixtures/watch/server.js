import { createServer } from "node:http";
import Database from "better-sqlite3";
import { mayRefund } from "./app/rules.js";

const db = new Database(process.env.DATABASE_PATH);

function route(path) {
  const [, resource, id, verb] = path.split("/");
  if (resource !== "orders") return [200, {}];
  if (id === undefined) {
    return [201, { id: db.prepare("INSERT INTO orders DEFAULT VALUES").run().lastInsertRowid }];
  }
  const order = db.prepare("SELECT * FROM orders WHERE id = ?").get(id);
  if (verb !== "refund" || !mayRefund(order)) return [409, {}];
  db.prepare("UPDATE orders SET refunded = refunded + 100 WHERE id = ?").run(id);
  return [200, {}];
}

createServer((request, response) => {
  const [status, body] = route(request.url);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}).listen(Number(process.env.PORT), "127.0.0.1");
