// A shop that answers late, on SQLite. NOTES names a folder for a note about each app that was asked.
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";

const { PORT, DATABASE_PATH, LATER_MS = "3", NOTES } = process.env;
const db = new Database(DATABASE_PATH);
db.pragma("journal_mode = WAL");
db.exec(`CREATE TABLE IF NOT EXISTS orders (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  status   TEXT    NOT NULL DEFAULT 'open',
  refunded INTEGER NOT NULL DEFAULT 0
)`);

function create() {
  const { lastInsertRowid } = db.prepare("INSERT INTO orders DEFAULT VALUES").run();
  return [201, { id: Number(lastInsertRowid) }];
}

const verbs = {
  pay: "UPDATE orders SET status = 'paid' WHERE id = ? AND status = 'open'",
  cancel: "UPDATE orders SET status = 'cancelled' WHERE id = ? AND status = 'open'",
  // The bug: a refunded order is still paid.
  refund: "UPDATE orders SET refunded = refunded + 1 WHERE id = ? AND status = 'paid'",
};

function route(method, path) {
  const [, resource, id, verb] = path.split("/");
  if (resource === "health") return [200, {}];
  if (method !== "POST" || resource !== "orders") return [404, {}];
  if (id === undefined) return create();
  const { changes } = db.prepare(verbs[verb]).run(id);
  return [changes === 0 ? 409 : 200, {}];
}

createServer(async (request, response) => {
  if (NOTES !== undefined) appendFileSync(join(NOTES, PORT), `${request.url}\n`);
  const [status, body] = route(request.method, request.url);
  await sleep(Number(LATER_MS));
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}).listen(Number(PORT), "127.0.0.1");
