import { test } from "vitest";
import Database from "better-sqlite3";
import { connect } from "../support/sqlite/connect.ts";
for (const rows of [1000, 100_000]) test(`bench ${rows}`, async () => {
  const schema = `CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, amount INTEGER, refunded INTEGER NOT NULL DEFAULT 0, status TEXT)`;
  const fill = (d: any) => { d.exec(schema); d.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<${rows}) INSERT INTO orders(amount,status) SELECT i, 'paid' FROM n`); };
  const { handle, adapter } = await connect({ schema: (c) => { fill(c); } });
  const path = handle.path; 
  let t = performance.now(); await adapter.open(); const openMs = performance.now() - t;
  const app = new Database(path); app.pragma("synchronous=OFF");
  const w = [app.prepare("INSERT INTO orders(amount,status) VALUES(5,'new')"), app.prepare("UPDATE orders SET refunded=5 WHERE id=7"), app.prepare("DELETE FROM orders WHERE id=9")];
  const root = await adapter.checkpoint();
  const N = 2000; let cp = 0, rb = 0, df = 0, wr = 0;
  for (let i = 0; i < N; i++) {
    t = performance.now(); for (const s of w) s.run(); wr += performance.now() - t;
    t = performance.now(); const d = await adapter.diff(root); df += performance.now() - t;
    t = performance.now(); const c = await adapter.checkpoint(); cp += performance.now() - t;
    t = performance.now(); await adapter.rollback(root); rb += performance.now() - t;
    await adapter.release(c);
  }
  t = performance.now(); await adapter.observe(); const obs = performance.now() - t;
  // raw
  const raw = new Database(path.replace(".db", "-raw.db")); raw.pragma("journal_mode=WAL"); raw.pragma("synchronous=OFF"); fill(raw);
  const b = raw.prepare("BEGIN IMMEDIATE"), co = raw.prepare("COMMIT");
  const undo = [raw.prepare("DELETE FROM orders WHERE id IN (?,?,?)"), raw.prepare("INSERT INTO orders VALUES(?,?,?,?)"), raw.prepare("UPDATE sqlite_sequence SET seq=? WHERE name='orders'")];
  const rwS = [raw.prepare("INSERT INTO orders(amount,status) VALUES(5,'new')"), raw.prepare("UPDATE orders SET refunded=5 WHERE id=7"), raw.prepare("DELETE FROM orders WHERE id=9")];
  let rw = 0, ru = 0;
  for (let i = 0; i < N; i++) {
    t = performance.now(); for (const s of rwS) s.run(); rw += performance.now() - t;
    t = performance.now(); b.run(); co.run(); b.run(); undo[0]!.run(7, 9, rows + 1); undo[1]!.run(7, 7, 0, "paid"); undo[1]!.run(9, 9, 0, "paid"); undo[2]!.run(rows); co.run(); ru += performance.now() - t;
  }
  console.log({ rows, openMs, write: wr / N, diff: df / N, checkpoint: cp / N, rollback: rb / N, observe: obs, rawWrite: rw / N, rawUndo: ru / N });
  app.close(); raw.close();
});
