// Signed tokens (JWT) that carry a role, a connection for reading and one for writing, and a cache of
// prepared statements. The bug: "log out everywhere" raises the version only of admins, so the token of
// a demoted user stays valid. No bug: a token from before a logout of an admin.
import { createHmac } from "node:crypto";
import Database from "better-sqlite3";
import { serve } from "./serve.js";

const [reader, writer] = [1, 2].map(() => {
  const db = new Database(process.env.DATABASE_PATH, { timeout: 5000 });
  db.pragma("journal_mode = WAL");
  return db;
});
const prepared = new Map();
function sql(db, text) {
  const key = `${db === reader ? "r" : "w"} ${text}`;
  if (!prepared.has(key)) prepared.set(key, db.prepare(text));
  return prepared.get(key);
}

writer.exec(`
  CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY, role TEXT NOT NULL, token_version INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE IF NOT EXISTS writes (id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER, stale INTEGER);
  INSERT INTO users (id, role) VALUES (1, 'admin') ON CONFLICT DO NOTHING;
`);

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const sign = (text) => createHmac("sha256", "secret").update(text).digest("base64url");

function readToken(request) {
  const [head, claims, signature] = (request.headers.authorization ?? "").slice(7).split(".");
  if (signature !== sign(`${head}.${claims}`)) return undefined;
  return JSON.parse(Buffer.from(claims, "base64url").toString());
}

serve({
  "POST /token": () => {
    const user = sql(reader, "SELECT * FROM users WHERE id = 1").get();
    const claims = { sub: 1, role: user.role, v: user.token_version };
    const iat = Math.floor(Date.now() / 1000);
    const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ ...claims, iat })}`;
    return [200, { token: `${text}.${sign(text)}` }];
  },
  "POST /demote": () => {
    sql(writer, "UPDATE users SET role = 'user' WHERE id = 1").run();
    return [200, {}];
  },
  "POST /logout-everywhere": () => {
    sql(
      writer,
      "UPDATE users SET token_version = min(token_version + 1, 2) WHERE role = 'admin'",
    ).run();
    return [200, {}];
  },
  "POST /write": ({ request }) => {
    const claims = readToken(request);
    const user = sql(reader, "SELECT * FROM users WHERE id = 1").get();
    if (claims === undefined || claims.v !== user.token_version) return [401, {}];
    const stale = claims.role === "admin" && user.role !== "admin" ? 1 : 0;
    const { lastInsertRowid } = sql(
      writer,
      "INSERT INTO writes (user_id, stale) VALUES (1, ?)",
    ).run(stale);
    return [201, { id: lastInsertRowid }];
  },
});
