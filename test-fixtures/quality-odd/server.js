// Takes jobs. Two started jobs kill it, a finished one is never reported, an archived one is written later.
import { createServer } from "node:http";
import Database from "better-sqlite3";

const db = new Database(process.env.DATABASE_PATH);
db.pragma("journal_mode = WAL");
db.exec(
  "CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY AUTOINCREMENT, state TEXT NOT NULL)",
);

const count = (state) =>
  db.prepare("SELECT count(*) AS count FROM jobs WHERE state = ?").get(state).count;
const insert = (state) => db.prepare("INSERT INTO jobs (state) VALUES (?)").run(state);

const routes = {
  "GET /health": () => ({}),
  "POST /start": () => {
    insert("started");
    if (count("started") < 2) return {};
    // In a timer, as an exception that no handler sees.
    setTimeout(() => {
      throw new RangeError("two jobs at once");
    });
    return undefined;
  },
  "POST /finish": () => {
    insert("finished");
    return count("started") === 0 ? {} : undefined;
  },
  "POST /open": () => {
    insert("open");
    return {};
  },
  "POST /archive": () => {
    setTimeout(() => insert("archived"), Number(process.env.LATE_MS ?? 20));
    return {};
  },
};

createServer((request, response) => {
  const answer = routes[`${request.method} ${request.url}`]();
  if (answer !== undefined) response.end(JSON.stringify(answer));
}).listen(Number(process.env.PORT), "127.0.0.1");
