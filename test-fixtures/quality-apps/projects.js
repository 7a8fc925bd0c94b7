// Projects and their tasks: ON DELETE CASCADE, and ids that are used again, since the key is a plain
// INTEGER PRIMARY KEY. The bug: shares have no foreign key and survive their project, so that the next
// project inherits them.
import Database from "better-sqlite3";
import { serve } from "./serve.js";

const db = new Database(process.env.DATABASE_PATH);
db.pragma("journal_mode = WAL");
db.pragma("foreign_keys = ON");
db.exec(`
  CREATE TABLE IF NOT EXISTS projects (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
  CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE
  );
  CREATE TABLE IF NOT EXISTS shares (
    project_id INTEGER NOT NULL, project_name TEXT NOT NULL, reader TEXT NOT NULL
  );
`);

serve({
  "POST /projects": ({ body: { name } }) => {
    const { lastInsertRowid: id } = db.prepare("INSERT INTO projects (name) VALUES (?)").run(name);
    return [201, { id, name }];
  },
  "POST /projects/:id/tasks": ({ id }) => {
    const { lastInsertRowid } = db.prepare("INSERT INTO tasks (project_id) VALUES (?)").run(id);
    return [201, { id: lastInsertRowid, project_id: Number(id) }];
  },
  "POST /projects/:id/shares": ({ id, body: { reader } }) => {
    const { changes } = db
      .prepare("INSERT INTO shares SELECT id, name, ? FROM projects WHERE id = ?")
      .run(reader, id);
    return [changes === 1 ? 201 : 404, {}];
  },
  "DELETE /projects/:id": ({ id }) => {
    const { changes } = db.prepare("DELETE FROM projects WHERE id = ?").run(id);
    return [changes === 1 ? 200 : 404, {}];
  },
});
