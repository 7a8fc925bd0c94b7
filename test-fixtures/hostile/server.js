// Keeps notes, and gives them back in every place that a response and a log have.
import { createServer } from "node:http";
import Database from "better-sqlite3";

const db = new Database(process.env.DATABASE_PATH);

createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  if (request.method === "GET") return response.end("ready");
  const { text } = JSON.parse(body);
  db.prepare("INSERT INTO notes VALUES (?)").run(text);
  console.log(text);
  response.writeHead(201, { "content-type": "text/html", "x-note": "<b onclick=x>" });
  response.end(`${body}\n${text}`);
}).listen(Number(process.env.PORT), "127.0.0.1");
