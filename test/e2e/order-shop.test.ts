import { expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { probePostgres } from "../support/postgres/server.ts";
import { runFixture } from "../support/run-fixture.ts";

lane("PostgreSQL, found or started", probePostgres, () => {
  test("every order of four actions is explored in few transitions", async () => {
    const { exitCode, stdout } = await runFixture("order-shop", { vitest: "5" });

    expect(stdout).toContain("db: isolation undo");
    // Run one by one, the 1,024 orders of five actions are 5,120 action runs.
    expect(stdout).toContain("40 states, 88 transitions, all branches to depth 5 explored");
    expect(exitCode).toBe(0);
  });
});
