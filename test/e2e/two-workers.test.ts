import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import * as postgres from "../support/postgres/server.ts";
import * as redis from "../support/redis/server.ts";
import { type Fixture, openFixture } from "../support/run-fixture.ts";

const met = { "both workers are at work": "passed" } as const;

const till = {
  exploration: "passed",
  sell: "passed",
  "sell → sell": "passed",
  "sell → return": "passed",
  "sell → return → sell": "passed",
  "sell → return → return": "failed",
  "sell → return → sell → sell": "passed",
  "sell → return → sell → return": "passed",
} as const;

const seats = {
  exploration: "passed",
  sell: "passed",
  "sell → sell": "passed",
  "sell → return": "passed",
  "sell → return → sell": "passed",
  "sell → return → return": "passed",
  "sell → return → sell → sell": "passed",
  "sell → return → sell → return": "passed",
  "sell → return → return → sell": "passed",
  "sell → return → return → return": "passed",
  "sell → return → sell → return → sell": "passed",
  "sell → return → sell → return → return": "passed",
  "sell → return → return → sell → sell": "failed",
  "sell → return → return → sell → return": "passed",
  "sell → return → return → return → sell": "passed",
  "sell → return → return → return → return": "passed",
} as const;

const probe = async (): Promise<string | undefined> =>
  postgres.probePostgres() ?? (await redis.needsRedis());

lane("two workers on one PostgreSQL and one Redis server", probe, () => {
  const stack = new AsyncDisposableStack();
  let fixture: Fixture;
  let database: postgres.TestServer;
  let cache: Redis;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const [first, second] = await Promise.all([postgres.startServer(), redis.startServer()]);
    stack.defer(first.stop);
    stack.defer(second.stop);
    database = first;
    cache = new Redis(second.port);
    stack.defer(() => cache.disconnect());
    env = {
      POSTGRES_URL: database.url("postgres"),
      REDIS_URL: `redis://${second.host}:${second.port}`,
    };
  });

  afterAll(() => stack.disposeAsync());

  test("find what is theirs, at the same time and in databases of their own", async () => {
    fixture = stack.use(openFixture("two-workers", "5"));
    const { tests } = await fixture.run([], { env });

    expect(tests).toEqual({
      "till.explore.test.ts": { ...met, till },
      "seats.explore.test.ts": { ...met, seats },
    });
    const [one, other] = ["till", "seats"].map((name) => urlsOf(fixture, name));
    expect(one?.db).not.toBe(other?.db);
    expect(one?.cache).not.toBe(other?.cache);
  });

  test("leave nothing on the servers", async () => {
    expect(await postgres.ownDatabases(database)).toEqual([]);
    // A database that holds a key has a line of its own.
    expect(await cache.info("keyspace")).toBe("# Keyspace\r\n");
  });
});

interface Urls {
  readonly db: string;
  readonly cache: string;
}

function urlsOf(fixture: Fixture, name: string): Urls {
  return JSON.parse(fixture.read(`here/${name}.json`)) as Urls;
}
