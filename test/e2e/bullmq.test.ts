import { afterAll, beforeAll, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { needsRedis } from "../support/redis/server.ts";
import { type Fixture, needsOrms, openFixture } from "../support/run-fixture.ts";

const asked = {
  exploration: "passed",
  pay: "passed",
  "pay → return": "passed",
  "pay → run a job": "passed",
  "pay → return → return": "passed",
  "pay → return → run a job": "passed",
  "pay → run a job → return": "passed",
  "pay → return → return → run a job": "passed",
  "pay → return → run a job → return": "passed",
  "pay → return → run a job → run a job": "passed",
  "pay → return → return → run a job → run a job": "passed",
  "pay → return → run a job → run a job → return": "passed",
  "pay → return → return → run a job → run a job → run a job": "failed",
} as const;

const live = {
  exploration: "passed",
  pay: "passed",
  pause: "passed",
  "pay → return": "passed",
  "pay → pause": "passed",
  "pause → pay": "passed",
  "pause → resume": "passed",
  "pay → return → return": "failed",
  "pay → return → pause": "passed",
  "pay → pause → return": "passed",
  "pay → pause → resume": "passed",
  "pause → pay → return": "passed",
  "pause → pay → resume": "passed",
  "pay → return → pause → return": "passed",
  "pay → return → pause → resume": "passed",
  "pay → pause → return → return": "passed",
  "pay → pause → return → resume": "passed",
  "pause → pay → return → return": "passed",
  "pause → pay → return → resume": "passed",
} as const;

lane(
  "BullMQ on Redis",
  async () => (await needsRedis()) ?? needsOrms(),
  () => {
    const stack = new AsyncDisposableStack();
    let fixture: Fixture;

    beforeAll(() => {
      fixture = stack.use(openFixture("bullmq", "5", { orms: true }));
    });

    afterAll(() => stack.disposeAsync());

    test("jobs that book twice are found, whether the worker is asked or takes them live", async () => {
      const { tests, stdout } = await fixture.run();

      expect(tests).toEqual({
        "asked.explore.test.ts": { asked },
        "live.explore.test.ts": { live },
      });
      expect(stdout).toContain("store: isolation touched");
    });

    test("the repaired app passes", async () => {
      const { tests, exitCode } = await fixture.run([], { env: { FIXED: "1" } });

      expect(tests).toEqual({
        "asked.explore.test.ts": {
          asked: {
            ...asked,
            "pay → return → return → run a job → run a job → run a job": "passed",
          },
        },
        "live.explore.test.ts": {
          live: {
            ...live,
            "pay → return → return": "passed",
            "pay → return → return → pause": "passed",
          },
        },
      });
      expect(exitCode).toBe(0);
    });
  },
);
