import { expect, test } from "vitest";
import { foreignFailure } from "../../../src/adapters/foreign-failure.ts";
import { ExploreError } from "../../../src/errors.ts";

test("a driver's error says what failed, why, and where to look", () => {
  const cause = new Error("Connection is closed.");

  expect(foreignFailure("cache", "rollback", cause)).toMatchObject({
    code: "EXPLORE_ADAPTER_FAILED",
    message: expect.stringMatching(
      /^cache: rollback failed: Connection is closed\.\n.*Look whether .* still runs.*\.$/,
    ),
    details: { system: "cache", verb: "rollback" },
    cause,
  });
});

test("an error of ours stays as it is", () => {
  const ours = new ExploreError("EXPLORE_TRANSACTION_OPEN", "db: cannot checkpoint.");

  expect(foreignFailure("db", "checkpoint", ours)).toBe(ours);
});
