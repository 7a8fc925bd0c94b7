// Stock of two seeded products. The bug: a confirmed reservation can be released, which puts sold
// goods back on the shelf. No bug: reserving more than there is gets a 409.
import Database from "better-sqlite3";
import { serve } from "./serve.js";

const db = new Database(process.env.DATABASE_PATH);
db.pragma("journal_mode = WAL");
db.pragma("foreign_keys = ON");
db.exec(`
  CREATE TABLE IF NOT EXISTS products (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL, stock INTEGER NOT NULL,
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
  );
  CREATE TABLE IF NOT EXISTS reservations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id INTEGER NOT NULL REFERENCES products (id),
    status TEXT NOT NULL DEFAULT 'held',
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
  );
  CREATE TABLE IF NOT EXISTS sales (product_id INTEGER NOT NULL REFERENCES products (id));
  INSERT INTO products (name, stock) VALUES ('tea', 1), ('cake', 2) ON CONFLICT DO NOTHING;
`);

const NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
const find = db.prepare("SELECT * FROM reservations WHERE id = ?");
const addStock = db.prepare(
  `UPDATE products SET stock = stock + ?, updated_at = ${NOW} WHERE id = ?`,
);
const setStatus = db.prepare(
  `UPDATE reservations SET status = ?, updated_at = ${NOW} WHERE id = ?`,
);

serve({
  "POST /products/:name/reservations": db.transaction(({ name }) => {
    const product = db.prepare("SELECT * FROM products WHERE name = ?").get(name);
    if (product.stock === 0) return [409, { error: "sold out" }];
    addStock.run(-1, product.id);
    const { lastInsertRowid } = db
      .prepare("INSERT INTO reservations (product_id) VALUES (?)")
      .run(product.id);
    return [201, find.get(lastInsertRowid)];
  }),
  "POST /reservations/:id/confirm": db.transaction(({ id }) => {
    const { status, product_id } = find.get(id);
    if (status !== "held") return [409, { error: "not held" }];
    db.prepare("INSERT INTO sales VALUES (?)").run(product_id);
    setStatus.run("confirmed", id);
    return [200, find.get(id)];
  }),
  "POST /reservations/:id/release": db.transaction(({ id }) => {
    const reservation = find.get(id);
    if (reservation.status === "released") return [409, { error: "released" }];
    addStock.run(1, reservation.product_id);
    setStatus.run("released", id);
    return [200, find.get(id)];
  }),
});
