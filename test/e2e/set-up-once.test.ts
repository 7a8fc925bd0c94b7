import { expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { probePostgres } from "../support/postgres/server.ts";
import { describeMajors, openFixture } from "../support/run-fixture.ts";

lane("a database that a command migrates", probePostgres, () => {
  describeMajors((major) => {
    test("is migrated once in a run, whatever the number of files", async () => {
      await using fixture = openFixture("set-up-once", major);

      for (const runs of [1, 2]) {
        const { tests } = await fixture.run();

        expect(tests).toEqual({
          "first.test.ts": { first: "passed" },
          "second.test.ts": { second: "passed" },
        });
        expect(fixture.read("migrated.log").trim().split("\n")).toHaveLength(runs);
      }
    });
  });
});
