import Database from "better-sqlite3";
import { serve } from "./serve.js";
const db = new Database(process.env.DATABASE_PATH);
db.pragma("journal_mode = WAL");
db.exec(`CREATE TABLE IF NOT EXISTS rooms (id INTEGER PRIMARY KEY, kind TEXT); CREATE TABLE IF NOT EXISTS shares (room_id INTEGER, reader TEXT)`);
serve({
  "POST /rooms": () => [201, { id: db.prepare("INSERT INTO rooms (kind) VALUES ('x')").run().lastInsertRowid }],
  "POST /rooms/:id/shares": ({ id }) => { db.prepare("INSERT INTO shares VALUES (?, 'bob')").run(Number(id)); return [201, {}]; },
  "DELETE /rooms/:id": ({ id }) => { db.prepare("DELETE FROM rooms WHERE id = ?").run(id); return [200, {}]; },
  "GET /shared": () => [200, db.prepare("SELECT count(*) n FROM shares JOIN rooms ON id = room_id").get()],
});
