import type { IncomingMessage, ServerResponse } from "node:http";
import type { SqliteConnection } from "vitest-explore/sqlite";

type Answer = readonly [status: number, body: unknown];

function handle(db: SqliteConnection, path: string): Answer {
  const [, , id, verb] = path.split("/");
  if (id === undefined) {
    const { lastInsertRowid } = db.prepare("INSERT INTO orders (amount) VALUES (100)").run();
    return [201, { id: Number(lastInsertRowid) }];
  }
  if (verb !== "refund") return [404, {}];
  db.exec("BEGIN");
  db.prepare("UPDATE orders SET refunded = refunded + 100 WHERE id = ?").run(Number(id));
  db.exec("COMMIT");
  return [200, {}];
}

export function fetchShop(db: SqliteConnection) {
  return async (request: Request): Promise<Response> => {
    const [status, body] = handle(db, new URL(request.url).pathname);
    return Response.json(body, { status });
  };
}

export function nodeShop(db: SqliteConnection) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const [status, body] = handle(db, request.url ?? "/");
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
}
