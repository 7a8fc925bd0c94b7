import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSocket, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { Pool } from "undici";
import { connectRaw, type BenchServer } from "./postgres-database.ts";

const FOLDER = join(import.meta.dirname, "..", "test-fixtures", "order-shop");

/** The statements that make the tables, and those that fill them. */
export const [TABLES, ROWS] = ["1-tables.sql", "2-rows.sql"].map((file) =>
  readFileSync(join(FOLDER, "schema", file), "utf8"),
) as [string, string];

/** The four steps a client can take, by the names the exploration gives them. */
export const STEPS = ["create order", "pay", "refund", "cancel"] as const;

export type Step = (typeof STEPS)[number];

/** The shop, served somewhere, and the database that it works in. */
export interface Shop extends AsyncDisposable {
  /** A connection to the same database, or the very one that the app uses. */
  readonly client: Client;
  /** A new client of the API, that knows of no order yet. */
  readonly visit: () => Visit;
}

/** What a client of the API does, and what it remembers between two steps. */
export interface Visit {
  readonly step: (step: Step) => Promise<void>;
}

/** What every step is checked for. */
const INVARIANT = "SELECT 1 FROM payments WHERE refunded > amount";

export async function checkInvariant(client: Client): Promise<void> {
  const { rows } = await client.query(INVARIANT);
  if (rows.length > 0) throw new Error("a refund exceeds its payment");
}

/** Serves the shop from a process of its own, with a pool of its own. */
export async function startShopProcess(server: BenchServer): Promise<Shop> {
  const url = await createDatabase(server, "shop_process");
  const port = await freePort();
  const child = spawn(process.execPath, ["server.js"], {
    cwd: FOLDER,
    env: { ...process.env, DATABASE_URL: url, PORT: String(port) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const client = await connectRaw(url);
  const http = await connectHttp(port);
  return {
    client,
    visit: () => createVisit(http),
    [Symbol.asyncDispose]: async () => {
      await http.close();
      await client.end();
      if (child.exitCode === null && child.kill()) await once(child, "exit");
    },
  };
}

/**
 * Serves the shop from this process, with one connection that is handed out again and again.
 *
 * @param laterMs - So much longer each request takes.
 */
export async function startShopInProcess(server: BenchServer, laterMs: number): Promise<Shop> {
  const client = await connectRaw(await createDatabase(server, `shop_in_process_${laterMs}`));
  const { createShop } = (await import(join(FOLDER, "shop.js"))) as {
    readonly createShop: (pool: SharedPool, laterMs: number) => RequestListener;
  };
  const listener: Server = createServer(createShop(sharedPool(client), laterMs));
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const http = await connectHttp((listener.address() as AddressInfo).port);
  return {
    client,
    visit: () => createVisit(http),
    [Symbol.asyncDispose]: async () => {
      await http.close();
      listener.close();
      await client.end();
    },
  };
}

interface SharedPool {
  readonly connect: () => Promise<Pick<Client, "query"> & { readonly release: () => void }>;
}

/** What transaction fixtures do: the app's transactions become savepoints of one that never commits. */
function sharedPool(client: Client): SharedPool {
  const instead: Readonly<Record<string, string>> = {
    BEGIN: "SAVEPOINT app",
    COMMIT: "RELEASE SAVEPOINT app",
    ROLLBACK: "ROLLBACK TO SAVEPOINT app",
  };
  const query = (sql: string, values?: unknown[]): unknown =>
    client.query(instead[sql] ?? sql, values);
  const shared = { query: query as Client["query"], release: () => {} };
  return { connect: () => Promise.resolve(shared) };
}

async function createDatabase(server: BenchServer, database: string): Promise<string> {
  await server.run(`CREATE DATABASE "${database}"`);
  await server.run(`${TABLES}; ${ROWS}`, database);
  return server.url(database);
}

function createVisit(http: Pool): Visit {
  let orderId = 0;
  return {
    step: async (step) => {
      const path = step === "create order" ? "/orders" : `/orders/${orderId}/${step}`;
      const { body } = await http.request({ method: "POST", path });
      const answer = (await body.json()) as { readonly id?: number };
      if (step === "create order") orderId = answer.id ?? 0;
    },
  };
}

async function connectHttp(port: number): Promise<Pool> {
  const http = new Pool(`http://127.0.0.1:${port}`, { connections: 1 });
  for (let tries = 0; tries < 500; tries += 1) {
    try {
      await (await http.request({ method: "GET", path: "/health" })).body.dump();
      return http;
    } catch {
      await sleep(10);
    }
  }
  throw new Error(`nothing answers on port ${port}`);
}

async function freePort(): Promise<number> {
  const socket = createSocket().listen(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address() as AddressInfo;
  socket.close();
  await once(socket, "close");
  return port;
}
