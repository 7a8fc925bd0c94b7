// Two customers put what they want into their carts; who checks out takes it from the stock.
// FIXED=1 looks at the stock again before it does.
import { createServer } from "node:http";
import Database from "better-sqlite3";

const fixed = process.env.FIXED === "1";
const db = new Database(process.env.DATABASE_PATH);
db.pragma("journal_mode = WAL");
db.exec(`
  CREATE TABLE IF NOT EXISTS stock (item TEXT PRIMARY KEY, left INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS carts (customer TEXT, item TEXT, PRIMARY KEY (customer, item));
  CREATE TABLE IF NOT EXISTS bought (customer TEXT, item TEXT, PRIMARY KEY (customer, item));
  INSERT OR IGNORE INTO stock VALUES ('cup', 1), ('pot', 2);
`);

const left = db.prepare("SELECT left FROM stock WHERE item = ?").pluck();
const inCart = db.prepare("SELECT item FROM carts WHERE customer = ?").pluck();

const add = db.transaction((customer, item) => {
  if (left.get(item) < 1) return [409, { error: "sold out" }];
  db.prepare("INSERT OR IGNORE INTO carts VALUES (?, ?)").run(customer, item);
  return [200, inCart.all(customer)];
});

const checkOut = db.transaction((customer) => {
  const items = inCart.all(customer);
  if (items.length === 0) return [409, { error: "the cart is empty" }];
  if (fixed && items.some((item) => left.get(item) < 1)) return [409, { error: "sold out" }];
  for (const item of items) {
    db.prepare("UPDATE stock SET left = left - 1 WHERE item = ?").run(item);
    db.prepare("INSERT OR IGNORE INTO bought VALUES (?, ?)").run(customer, item);
  }
  db.prepare("DELETE FROM carts WHERE customer = ?").run(customer);
  return [200, items];
});

createServer((request, response) => {
  const [, customer, item] = request.url.split("/");
  let result = [200, {}];
  if (request.method === "POST") result = item ? add(customer, item) : checkOut(customer);
  response.writeHead(result[0], { "content-type": "application/json" });
  response.end(JSON.stringify(result[1]));
}).listen(Number(process.env.PORT), "127.0.0.1");
