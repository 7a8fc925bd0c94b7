import { expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { probePostgres } from "../support/postgres/server.ts";
import { runFixture } from "../support/run-fixture.ts";

/** Those that change something come first in a branch; after the others nothing has changed. */
const WRITES = [
  "named statement",
  "temporary table",
  "savepoint",
  "cursor that is held",
  "two at once, serializable",
  "lock of a transaction",
  "notification",
];
const ALL = [...WRITES, "table that exists", "emptied table"];

lane("what is sent to PostgreSQL besides plain statements", probePostgres, () => {
  test("works where it can be undone, and is told where it cannot", async () => {
    const { tests, stderr } = await runFixture("sql-corners", { vitest: "5" });

    const branches = [
      ...ALL,
      ...WRITES.flatMap((first) => ALL.map((next) => `${first} → ${next}`)),
    ];
    expect(tests).toEqual({
      "works.explore.test.ts": {
        works: Object.fromEntries(["exploration", ...branches].map((name) => [name, "passed"])),
      },
      "schema.explore.test.ts": {
        schema: {
          exploration: "passed",
          "named statement": "passed",
          "added column": "passed",
          "named statement → named statement": "passed",
          "named statement → added column": "passed",
          "added column → named statement": "passed",
          "added column → added column": "passed",
        },
      },
      "open.explore.test.ts": {
        open: { exploration: "failed", "transaction left open": "passed" },
      },
      "locked.explore.test.ts": {
        locked: {
          exploration: "passed",
          "lock of a session": "passed",
          "lock of a session → lock of a session": "failed",
        },
      },
    });
    expect(stderr).toContain("EXPLORE_TRANSACTION_OPEN");
    expect(stderr).toContain("idle in transaction: INSERT INTO items (value) VALUES ($1)");
    expect(stderr).toContain("EXPLORE_REQUEST_TIMEOUT");
  });
});
