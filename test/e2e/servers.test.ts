import { afterAll, beforeAll, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import * as postgres from "../support/postgres/server.ts";
import * as redis from "../support/redis/server.ts";
import { describeMajors, runFixture } from "../support/run-fixture.ts";

const probe = async (): Promise<string | undefined> =>
  postgres.probePostgres() ?? (await redis.needsRedis());

lane("PostgreSQL and Redis as one world", probe, () => {
  const env: Record<string, string> = {};
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const cache = await redis.startServer();
    stops.push(cache.stop);
    env["REDIS_URL"] = `redis://${cache.host}:${cache.port}/0`;
  });

  afterAll(async () => {
    for (const stop of stops) await stop();
  });

  describeMajors((major) => {
    test("an app that forgets its cache is found out", async () => {
      const { tests, stdout } = await runFixture("consistency", { vitest: major, env });

      expect(tests).toEqual({
        "shop.explore.test.ts": {
          shop: {
            exploration: "passed",
            "create order": "passed",
            "create order → create order": "passed",
            "create order → cancel": "failed",
            "create order → create order → create order": "passed",
            "create order → create order → cancel": "failed",
          },
        },
      });
      expect(stdout).toContain("db: isolation undo");
      expect(stdout).toContain("cache: isolation touched");
    });

    test("the repaired app is not", async () => {
      const { tests } = await runFixture("consistency", {
        vitest: major,
        env: { ...env, FIXED: "1" },
      });

      expect(tests).toEqual({
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
      });
    });
  });
});
