import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filesIn, findProcess } from "../support/kills.ts";
import { lane } from "../support/lane.ts";
import * as postgres from "../support/postgres/server.ts";
import { probeProcessTable, processesIn } from "../support/process-table.ts";
import * as redis from "../support/redis/server.ts";
import { describeMajors, type Fixture, openFixture } from "../support/run-fixture.ts";
import { contentOf, startUsersServers } from "../support/users-servers.ts";

const READY = "press q to quit";
const WATCH = { command: "watch", plain: true, keys: true } as const;
const SOON = { timeout: 30_000, interval: 20 } as const;
const CTRL_C = "\u0003";
/** Steps of an exploration that is still at work when it is interrupted, and of one that ends. */
const LONG = "depth: 16";
const SHORT = "depth: 3";
const ALL = [
  "✓ exploration",
  "✓ create order",
  "✓ create order → create order",
  "✓ create order → cancel",
  "✓ create order → create order → create order",
  "✓ create order → create order → cancel",
  "✓ create order → cancel → create order",
  "✓ create order → cancel → cancel",
];

const probe = async (): Promise<string | undefined> =>
  probeProcessTable() ?? postgres.probePostgres() ?? (await redis.needsRedis());

lane("interrupted in watch mode, with PostgreSQL and Redis", probe, () => {
  const stack = new AsyncDisposableStack();
  let database: postgres.TestServer;
  let cache: redis.TestServer;
  let temporary: string;

  beforeAll(async () => {
    ({ database, cache, temporary } = await startUsersServers(stack));
  });

  afterAll(() => stack.disposeAsync());

  describeMajors((major) => {
    test("the user's test databases hold what they held, and the next run is whole", async () => {
      await using fixture = openFixture("consistency", major);
      const spec: Edit = (from, to) => fixture.edit("shop.explore.test.ts", from, to);
      spec('schema: "schema.sql"', 'url: process.env.POSTGRES_URL ?? "", testDatabase: true');
      spec("redis()", 'redis({ url: process.env.REDIS_URL ?? "", db: 0, testDatabase: true })');
      spec(SHORT, LONG);
      const before = await contentOf(database, cache);
      const run = fixture.start(["--reporter=tree"], {
        ...WATCH,
        env: {
          FIXED: "1",
          TMPDIR: temporary,
          POSTGRES_URL: database.url("shop"),
          REDIS_URL: `redis://${cache.host}:${cache.port}`,
        },
      });

      await atWork(fixture);
      run.press("c");
      const cancelled = await run.printed(READY);
      expect(cancelled).toContain("↓ exploration");
      // Vitest does not wait for its worker to end before it says that it waits for changes.
      await expect.poll(() => contentOf(database, cache), SOON).toEqual(before);

      spec(LONG, SHORT);
      expect(casesOf(await run.printed(READY))).toEqual(ALL);
      await expect.poll(() => contentOf(database, cache), SOON).toEqual(before);

      spec(SHORT, LONG);
      await atWork(fixture);
      run.press(CTRL_C);
      await run.ended;

      expect(await contentOf(database, cache)).toEqual(before);
      expect(processesIn(fixture.folder)).toEqual([]);
      expect(processesIn(temporary)).toEqual([]);
      expect(filesIn(temporary)).toEqual([]);
    });
  });
});

describeMajors((major) => {
  describe("a SQLite file of the user holds what it held", () => {
    test("after `--bail`, a save while it runs, and the end", async () => {
      await using fixture = openFixture("double-refund", major);
      const file = makeDatabase(fixture);
      fixture.edit(
        "shop.explore.test.ts",
        "sqlite()",
        `sqlite({ path: "shop.db", testDatabase: true })`,
      );
      const before = dump(file);
      const run = fixture.start(["--reporter=tree", "--bail=1"], WATCH);

      const bailed = await run.printed(READY);
      expect(bailed).toContain("× create order → refund → refund");
      await expect.poll(() => dump(file), SOON).toEqual(before);

      fixture.edit("server.js", 'process.env.FIXED === "1"', "true");
      // While that runs, or before it does, or after: it is run to its end, and then again.
      await run.printed("RERUN");
      fixture.edit("server.js", "const fixed = true", "const fixed = process.env.FIXED");
      await run.printed("RERUN");
      expect(await run.printed(READY)).toContain("× create order → refund → refund");
      await expect.poll(() => dump(file), SOON).toEqual(before);

      run.press("q");
      await run.ended;
      expect(dump(file)).toEqual(before);
    });
  });
});

type Edit = (from: string, to: string) => void;

/** Resolves when the exploration has had its app started. */
async function atWork({ folder }: Fixture): Promise<void> {
  await expect
    .poll(() => findProcess(folder, "app"), { timeout: 60_000, interval: 10 })
    .not.toBe(undefined);
}

function makeDatabase({ folder }: Fixture): string {
  const file = join(folder, "shop.db");
  const db = new Database(file);
  db.exec(
    `CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, amount INTEGER NOT NULL CHECK (amount > 0), refunded INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL DEFAULT 'paid');
     INSERT INTO orders (amount) VALUES (7), (8)`,
  );
  db.close();
  return file;
}

/** The rows and the counters of the user's file. */
function dump(file: string): unknown {
  const db = new Database(file, { readonly: true });
  try {
    return ["orders", "sqlite_sequence", "sqlite_master"].map((name) =>
      db.prepare(`SELECT * FROM ${name}`).all(),
    );
  } finally {
    db.close();
  }
}

/** Cases of the exploration in the order in which they were reported. */
function casesOf(output: string): readonly string[] {
  return [...output.matchAll(/^ {5,}([✓×↓] .*?)(?: +<time>)?$/gm)].map(([, name = ""]) => name);
}
