// Carts with UUID keys and no declared foreign keys, in a rollback journal. The bug: a coupon counts
// as used at the checkout only, so it can be applied twice. No bug: it cannot be used in two orders.
import { randomUUID } from "node:crypto";
import Database from "better-sqlite3";
import { serve } from "./serve.js";

const db = new Database(process.env.DATABASE_PATH);
db.pragma("journal_mode = DELETE");
db.exec(`
  CREATE TABLE IF NOT EXISTS coupons (code TEXT PRIMARY KEY, uses INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS carts (
    id TEXT PRIMARY KEY, state TEXT NOT NULL DEFAULT 'open', created_at INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS discounts (id TEXT PRIMARY KEY, cart_id TEXT, code TEXT, percent INTEGER);
  INSERT INTO coupons (code) VALUES ('HALF') ON CONFLICT DO NOTHING;
`);

serve({
  "POST /carts": () => {
    const id = randomUUID();
    db.prepare("INSERT INTO carts (id, created_at) VALUES (?, ?)").run(id, Date.now());
    return [201, { id }];
  },
  "POST /carts/:id/coupons": db.transaction(({ id, body: { code } }) => {
    const cart = db.prepare("SELECT * FROM carts WHERE id = ?").get(id);
    if (cart.state !== "open") return [409, { error: "closed" }];
    const coupon = db.prepare("SELECT * FROM coupons WHERE code = ?").get(code);
    if (coupon.uses > 0) return [409, { error: "used" }];
    const insert = db.prepare("INSERT INTO discounts VALUES (?, ?, ?, 50)");
    insert.run(randomUUID(), id, code);
    return [201, { applied: code }];
  }),
  "POST /carts/:id/checkout": db.transaction(({ id }) => {
    const cart = db.prepare("SELECT * FROM carts WHERE id = ?").get(id);
    if (cart.state !== "open") return [409, { error: "closed" }];
    const codes = db.prepare("SELECT DISTINCT code FROM discounts WHERE cart_id = ?").all(id);
    for (const { code } of codes) {
      const { uses } = db.prepare("SELECT uses FROM coupons WHERE code = ?").get(code);
      if (uses > 0) return [409, { error: "used" }];
      db.prepare(
        `INSERT INTO coupons (code, uses) VALUES (?, 1)
         ON CONFLICT (code) DO UPDATE SET uses = uses + 1`,
      ).run(code);
    }
    db.prepare("UPDATE carts SET state = 'paid' WHERE id = ?").run(id);
    return [200, { id, state: "paid" }];
  }),
});
