import { expect, test } from "vitest";
import { lane, needs } from "../support/lane.ts";
import { probePostgres } from "../support/postgres/server.ts";
import { runFixture } from "../support/run-fixture.ts";

const warehouse = {
  exploration: "passed",
  reserve: "passed",
  "reserve → reserve": "passed",
  "reserve → ship": "passed",
  "reserve → cancel": "passed",
  "reserve → reserve → reserve": "passed",
  "reserve → reserve → ship": "passed",
  "reserve → reserve → cancel": "passed",
  "reserve → ship → reserve": "passed",
  "reserve → ship → ship": "passed",
  "reserve → ship → cancel": "passed",
  "reserve → cancel → reserve": "passed",
  "reserve → cancel → ship": "passed",
  "reserve → cancel → cancel": "failed",
} as const;

const python = needs("python3");

lane(
  "an app in Python on PostgreSQL",
  () => probePostgres() ?? python(),
  () => {
    test("finds stock that appears when a reservation is cancelled twice", async () => {
      const { tests } = await runFixture("python-warehouse", { vitest: "5" });

      expect(tests).toEqual({ "warehouse.explore.test.ts": { warehouse } });
    });

    test("finds nothing in the repaired app", async () => {
      const { tests, exitCode } = await runFixture("python-warehouse", {
        vitest: "5",
        env: { FIXED: "1" },
      });

      expect(tests).toEqual({
        "warehouse.explore.test.ts": {
          warehouse: { ...warehouse, "reserve → cancel → cancel": "passed" },
        },
      });
      expect(exitCode).toBe(0);
    });
  },
);
