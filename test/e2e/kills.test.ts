import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filesIn, findProcess, killInRun, momentsOf } from "../support/kills.ts";
import { lane } from "../support/lane.ts";
import * as postgres from "../support/postgres/server.ts";
import { probeProcessTable, processesIn } from "../support/process-table.ts";
import * as redis from "../support/redis/server.ts";
import { type Fixture, openFixture } from "../support/run-fixture.ts";
import { contentOf, fillCache, SOUND, startUsersServers } from "../support/users-servers.ts";

/** Steps of an exploration that is still at work then, and of one that goes on when its app was killed. */
const LONG = "16";
const SHORT = "8";

const VICTIMS = ["vitest", "worker", "app", "postgres", "redis"] as const;
type Victim = (typeof VICTIMS)[number];

const probe = async (): Promise<string | undefined> =>
  probeProcessTable() ?? postgres.probePostgres() ?? (await redis.needsRedis());

lane("kill -9 while PostgreSQL and Redis are explored", probe, () => {
  const stack = new AsyncDisposableStack();
  let database: postgres.TestServer;
  let cache: redis.TestServer;
  let temporary: string;

  beforeAll(async () => {
    ({ database, cache, temporary } = await startUsersServers(stack));
  });

  afterAll(() => stack.disposeAsync());

  /** What differs when the servers are given, or ours. */
  interface Servers {
    readonly env: () => Readonly<Record<string, string>>;
    readonly pidOf: (server: "postgres" | "redis") => number | undefined;
    readonly startAgain: (server: "postgres" | "redis") => Promise<void>;
  }

  const given: Servers = {
    env: () => ({
      POSTGRES_URL: database.url("shop"),
      REDIS_URL: `redis://${cache.host}:${cache.port}`,
    }),
    pidOf: (server) => (server === "postgres" ? database.pid() : cache.pid),
    startAgain: async (server) => {
      if (server === "postgres") return database.startAgain();
      const { port } = cache;
      await cache.stop();
      cache = await redis.startServer([], { on: port });
      await fillCache(cache);
    },
  };
  const ours: Servers = {
    env: () => ({}),
    pidOf: (server) => findProcess(temporary, server),
    startAgain: async () => {},
  };

  const WORLDS: readonly (readonly [string, Servers, readonly Victim[], (spec: Edit) => void])[] = [
    [
      "databases of its own",
      given,
      VICTIMS,
      (edit) => {
        edit('schema: "schema.sql"', 'url: process.env.POSTGRES_URL ?? ""');
        edit("redis()", 'redis({ url: process.env.REDIS_URL ?? "" })');
      },
    ],
    [
      "test databases of the user",
      given,
      VICTIMS,
      (edit) => {
        edit('schema: "schema.sql"', 'url: process.env.POSTGRES_URL ?? "", testDatabase: true');
        edit("redis()", 'redis({ url: process.env.REDIS_URL ?? "", db: 0, testDatabase: true })');
      },
    ],
    ["servers of its own", ours, ["vitest", "postgres", "redis"], () => {}],
  ];

  describe.for(WORLDS)("in %s", ([world, servers, victims, change]) => {
    let fixture: Fixture;

    beforeAll(() => {
      fixture = openFixture("consistency", "5");
      const edit: Edit = (from, to) => fixture.edit("shop.explore.test.ts", from, to);
      change(edit);
      edit("depth: 3", "depth: Number(process.env.DEPTH ?? 3)");
    });

    afterAll(() => fixture[Symbol.asyncDispose]());

    const environment = (): Record<string, string> => ({
      FIXED: "1",
      TMPDIR: temporary,
      ...servers.env(),
    });

    test.for(victims)("after the end of %s the next run is clean", async (victim) => {
      const before = await contentOf(database, cache);
      const isServer = victim === "postgres" || victim === "redis";

      for (const moment of momentsOf(`${world} ${victim}`)) {
        const afterMs = await killInRun({
          fixture,
          env: { ...environment(), DEPTH: victim === "app" ? SHORT : LONG },
          pidOf: ({ pid }) => {
            if (isServer) return servers.pidOf(victim);
            return victim === "vitest" ? pid : findProcess(fixture.folder, victim);
          },
          afterMs: moment,
        });
        if (isServer) await servers.startAgain(victim);
        const where = `${victim} killed ${afterMs} ms after the app was there`;

        const next = await fixture.run([], { env: environment() });

        // What failed last time is run first, so that deeper branches may come in addition.
        expect(next.tests, `${where}\n${next.stdout}\n${next.stderr}`).toMatchObject(SOUND);
        expect(next.exitCode, where).toBe(0);
        expect(processesIn(fixture.folder), where).toEqual([]);
        expect(processesIn(temporary), where).toEqual([]);
        expect(filesIn(temporary), where).toEqual([]);
        expect(await contentOf(database, cache), where).toEqual(before);
      }
    });
  });
});

type Edit = (from: string, to: string) => void;
