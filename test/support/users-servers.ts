import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { Client } from "pg";
import { readDump } from "./postgres/dump.ts";
import * as postgres from "./postgres/server.ts";
import * as redis from "./redis/server.ts";

/** The user's servers, with data of the user's, and a folder for what a run leaves behind. */
export interface UsersServers {
  readonly database: postgres.TestServer;
  readonly cache: redis.TestServer;
  readonly temporary: string;
}

/** @param stack - Stops the servers and removes the folder. */
export async function startUsersServers(stack: AsyncDisposableStack): Promise<UsersServers> {
  const [database, cache] = await Promise.all([postgres.startServer(), redis.startServer()]);
  stack.defer(() => database.stop());
  stack.defer(() => cache.stop());
  await fillDatabase(database);
  await fillCache(cache);
  const temporary = mkdtempSync(join(tmpdir(), "users-servers-"));
  // PostgreSQL runs as another user when this one is root.
  chmodSync(temporary, 0o755);
  stack.defer(() => rmSync(temporary, { recursive: true, force: true }));
  return { database, cache, temporary };
}

/** What `test-fixtures/consistency` has to report, repaired. */
export const SOUND = {
  "shop.explore.test.ts": {
    shop: {
      exploration: "passed",
      "create order": "passed",
      "create order → create order": "passed",
      "create order → cancel": "passed",
      "create order → create order → create order": "passed",
      "create order → create order → cancel": "passed",
      "create order → cancel → create order": "passed",
      "create order → cancel → cancel": "passed",
    },
  },
} as const;

/** Makes the database `shop`, with rows of the user's. */
async function fillDatabase(database: postgres.TestServer): Promise<void> {
  await database.run("CREATE DATABASE shop");
  await database.run(
    `CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, amount integer NOT NULL, status text NOT NULL DEFAULT 'open');
     INSERT INTO orders (amount, status) VALUES (1, 'shipped'), (2, 'shipped')`,
    "shop",
  );
  // Otherwise a sequence skips numbers after a crash.
  await database.run("CHECKPOINT");
}

/** Sets keys of the user's. */
export async function fillCache({ port }: redis.TestServer): Promise<void> {
  const client = new Redis(port);
  await client.mset("theirs", "kept", "order_count", "0");
  client.disconnect();
}

/** All that is on both servers. */
export async function contentOf(
  database: postgres.TestServer,
  cache: redis.TestServer,
): Promise<object> {
  const client = new Client({ connectionString: database.url("shop") });
  await client.connect();
  const shop = await readDump(client);
  const { rows: databases } = await client.query("SELECT datname FROM pg_database ORDER BY 1");
  const { rows: relations } = await client.query(
    "SELECT nspname, relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname !~ '^pg_|^information_schema' ORDER BY 1, 2",
  );
  await client.end();
  const store = new Redis(cache.port);
  const keys = (await store.keys("*")).toSorted();
  const values = keys.length === 0 ? [] : await store.mget(keys);
  const keyspace = await store.info("keyspace");
  store.disconnect();
  return { shop, databases, relations, keys, values, keyspace };
}
