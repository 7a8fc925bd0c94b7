// A wallet. FIXED=1 runs it with the bug repaired.
import { createServer } from "node:http";
import Database from "better-sqlite3";

const fixed = process.env.FIXED === "1";
const db = new Database(process.env.DATABASE_PATH);
db.pragma("journal_mode = WAL");
db.exec(`CREATE TABLE IF NOT EXISTS wallets (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  balance INTEGER NOT NULL DEFAULT 0,
  note    TEXT    NOT NULL DEFAULT ''
)`);

const findWallet = db.prepare("SELECT * FROM wallets WHERE id = ?");

function open() {
  const { lastInsertRowid } = db.prepare("INSERT INTO wallets DEFAULT VALUES").run();
  return [201, findWallet.get(lastInsertRowid)];
}

function move(id, amount, note) {
  db.prepare("UPDATE wallets SET balance = balance + ?, note = ? WHERE id = ?").run(
    amount,
    note,
    id,
  );
  return [200, findWallet.get(id)];
}

function withdraw(id, { amount, note }) {
  // The bug: large amounts are looked at by somebody, so nothing is compared here.
  if (amount < 700 || fixed) {
    if (amount > findWallet.get(id).balance) return [409, { error: "more than there is" }];
  }
  return move(id, -amount, note);
}

function route(method, path, body) {
  const [, resource, id, verb] = path.split("/");
  if (method === "GET" && resource === "health") return [200, { ok: true }];
  if (method !== "POST" || resource !== "wallets") return [404, { error: "no such route" }];
  if (id === undefined) return open();
  return verb === "deposits" ? move(id, body.amount, body.note) : withdraw(id, body);
}

createServer(async (request, response) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  const [status, body] = route(request.method, request.url, text === "" ? {} : JSON.parse(text));
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}).listen(Number(process.env.PORT), "127.0.0.1");
