import { expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { probePostgres } from "../support/postgres/server.ts";
import { needsRedis } from "../support/redis/server.ts";
import { describeMajors, runFixture } from "../support/run-fixture.ts";
import { SOUND } from "../support/users-servers.ts";

const probe = async (): Promise<string | undefined> => probePostgres() ?? (await needsRedis());

lane("PostgreSQL and Redis as one world", probe, () => {
  describeMajors((major) => {
    test("an app that forgets its cache is found out", async () => {
      const { tests, stdout } = await runFixture("consistency", { vitest: major });

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
        env: { FIXED: "1" },
      });

      expect(tests).toEqual(SOUND);
    });
  });
});
