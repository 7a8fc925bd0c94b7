// Members with passwords and a session cookie, as one would write it. What it prints is part of a finding.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import Database from "better-sqlite3";

const db = new Database(process.env.DATABASE_PATH);
db.pragma("journal_mode = WAL");
db.exec(`CREATE TABLE IF NOT EXISTS members (
  id       TEXT PRIMARY KEY,
  name     TEXT NOT NULL,
  password TEXT NOT NULL,
  points   INTEGER NOT NULL DEFAULT 0,
  joined   TEXT NOT NULL
)`);

function join({ name, password }) {
  const id = randomUUID();
  db.prepare("INSERT INTO members (id, name, password, joined) VALUES (?, ?, ?, ?)").run(
    id,
    name,
    password,
    new Date().toISOString(),
  );
  console.log(`joined: ${name} with password=${password}`);
  return [201, { id, name }, { "set-cookie": `session=${randomUUID()}; HttpOnly` }];
}

function spend(id) {
  const { points } = db.prepare("SELECT points FROM members WHERE id = ?").get(id);
  if (points === 2) {
    console.error(`cannot spend: ${id} has ${points} points`);
    return [500, { error: "points are odd" }, {}];
  }
  db.prepare("UPDATE members SET points = points - 1 WHERE id = ?").run(id);
  return [200, { points: points - 1 }, {}];
}

function earn(id) {
  db.prepare("UPDATE members SET points = points + 2 WHERE id = ?").run(id);
  return [204, undefined, {}];
}

function route(method, path, body) {
  const [, resource, id, verb] = path.split("/");
  if (method === "POST" && resource === "members" && id === undefined) return join(body);
  if (method === "POST" && verb === "earn") return earn(id);
  if (method === "POST" && verb === "spend") return spend(id);
  if (method === "GET" && resource === "members") {
    return [200, db.prepare("SELECT * FROM members WHERE id = ?").get(id), {}];
  }
  return [resource === "health" ? 200 : 404, {}, {}];
}

createServer(async (request, response) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  const [status, body, headers] = route(request.method, request.url, JSON.parse(text || "{}"));
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body && JSON.stringify(body));
}).listen(Number(process.env.PORT), "127.0.0.1");
