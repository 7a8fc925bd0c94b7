// Logins with random tokens in cookies, soft deletes, and an audit log that a trigger writes. The bug:
// deleting an account leaves its sessions alive, so a second device still writes. No bug: after a logout.
import { randomBytes } from "node:crypto";
import Database from "better-sqlite3";
import { serve } from "./serve.js";

const db = new Database(process.env.DATABASE_PATH);
db.pragma("journal_mode = WAL");
db.exec(`
  CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, deleted_at TEXT
  );
  CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY, user_id INTEGER NOT NULL, created_at TEXT DEFAULT CURRENT_TIMESTAMP
  );
  CREATE TABLE IF NOT EXISTS notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL, text TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS audit (
    id INTEGER PRIMARY KEY, what TEXT NOT NULL, note_id INTEGER, at TEXT DEFAULT CURRENT_TIMESTAMP
  );
  CREATE TRIGGER IF NOT EXISTS notes_written AFTER INSERT ON notes BEGIN
    INSERT INTO audit (what, note_id) VALUES ('write', NEW.id);
  END;
  CREATE TRIGGER IF NOT EXISTS notes_removed AFTER DELETE ON notes BEGIN
    INSERT INTO audit (what, note_id) VALUES ('remove', OLD.id);
  END;
  INSERT INTO users (id, name) VALUES (1, 'ann'), (2, 'bob') ON CONFLICT DO NOTHING;
`);

const userOf = (cookies) =>
  db.prepare("SELECT user_id FROM sessions WHERE token = ?").get(cookies.get("session"))?.user_id;

serve({
  "POST /login": ({ body: { name } }) => {
    const user = db.prepare("SELECT id FROM users WHERE name = ? AND deleted_at IS NULL").get(name);
    if (user === undefined) return [401, { error: "no such user" }];
    const token = randomBytes(16).toString("hex");
    db.prepare("INSERT INTO sessions (token, user_id) VALUES (?, ?)").run(token, user.id);
    return [200, {}, { "set-cookie": `session=${token}; HttpOnly; Path=/` }];
  },
  "POST /logout": ({ cookies }) => {
    db.prepare("DELETE FROM sessions WHERE token = ?").run(cookies.get("session"));
    return [200, {}, { "set-cookie": "session=; Max-Age=0; Path=/" }];
  },
  "POST /notes": ({ cookies, body: { text } }) => {
    const user = userOf(cookies);
    if (user === undefined) return [401, { error: "log in" }];
    const { lastInsertRowid } = db
      .prepare("INSERT INTO notes (user_id, text) VALUES (?, ?)")
      .run(user, text);
    return [201, { id: lastInsertRowid, text }];
  },
  "DELETE /me": db.transaction(({ cookies }) => {
    const user = userOf(cookies);
    if (user === undefined) return [401, { error: "log in" }];
    db.prepare("DELETE FROM notes WHERE user_id = ?").run(user);
    db.prepare("UPDATE users SET deleted_at = datetime('now') WHERE id = ?").run(user);
    db.prepare("DELETE FROM sessions WHERE token = ?").run(cookies.get("session"));
    return [200, {}];
  }),
});
