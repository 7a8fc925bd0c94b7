import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Adapter, System } from "../../src/adapters/adapter.ts";
import { postgres, type PostgresHandle } from "../../src/adapters/postgres/index.ts";
import { redis, type RedisHandle } from "../../src/adapters/redis/index.ts";
import { sqlite, type SqliteHandle } from "../../src/adapters/sqlite/index.ts";
import { provideNothing } from "./provision/nothing.ts";
import type * as postgresServer from "./postgres/server.ts";
import type * as redisServer from "./redis/server.ts";

/** Where the three are. */
export interface Servers {
  readonly database: postgresServer.TestServer;
  readonly cache: redisServer.TestServer;
}

/** PostgreSQL, Redis and SQLite, connected but not opened. */
export interface ThreeSystems {
  readonly adapters: readonly Adapter[];
  /** Writes the same to each. */
  readonly write: (value: string) => Promise<void>;
  /** What each holds now, read by its handle: all the same when they are at one point. */
  readonly read: () => Promise<readonly string[]>;
  readonly cache: RedisHandle;
  readonly close: () => Promise<void>;
}

const SCHEMA = "CREATE TABLE notes (id integer PRIMARY KEY, value text NOT NULL);";
const READ = "SELECT value FROM notes ORDER BY id";

let count = 0;

export async function connectThree({ database, cache }: Servers): Promise<ThreeSystems> {
  const directory = mkdtempSync(join(tmpdir(), "three-"));
  const slot = `three_${process.pid}_${(count += 1)}`;
  const connect = <Handle>(name: string, system: System<Handle>) =>
    system.connect({
      name,
      slot,
      directory,
      root: directory,
      handles: {},
      provide: provideNothing,
    });
  const db = await connect(
    "db",
    postgres({ url: database.url("postgres"), schema: SCHEMA, isolation: "undo" }),
  );
  const store = await connect(
    "cache",
    redis({ host: cache.host, port: cache.port, quiescenceMs: 200 }),
  );
  const file = await connect("file", sqlite({ schema: SCHEMA, isolation: "undo" }));
  const handles: [PostgresHandle, RedisHandle, SqliteHandle] = [
    db.handle,
    store.handle,
    file.handle,
  ];
  const adapters = [db.adapter, store.adapter, file.adapter];
  let id = 0;
  return {
    adapters,
    cache: store.handle,
    write: async (value) => {
      id += 1;
      await handles[0].execute("INSERT INTO notes VALUES ($1, $2)", [id, value]);
      await handles[1].command("RPUSH", "notes", value);
      await handles[2].execute("INSERT INTO notes VALUES (?, ?)", [id, value]);
    },
    read: async () => {
      const rows = [await handles[0].query<Note>(READ), await handles[2].query<Note>(READ)];
      const list = (await handles[1].command("LRANGE", "notes", 0, -1)) as string[];
      const [first = "", second = ""] = rows.map((some) => some.map(({ value }) => value).join());
      return [first, list.join(), second];
    },
    close: async () => {
      for (const adapter of adapters) {
        // A server that was ended cannot be left in order.
        await adapter[Symbol.asyncDispose]().then(undefined, () => {});
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface Note extends Record<string, unknown> {
  readonly value: string;
}
