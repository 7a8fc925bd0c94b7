import { createServer } from "node:http";
import Database from "better-sqlite3";
import { mayAdd } from "./rules.js";

const db = new Database(process.env.DATABASE_PATH);

createServer((request, response) => {
  const word = request.url.slice(1);
  if (mayAdd(word)) db.prepare("INSERT INTO words VALUES (?)").run(word);
  response.writeHead(mayAdd(word) ? 201 : 500).end();
}).listen(Number(process.env.PORT), "127.0.0.1");
