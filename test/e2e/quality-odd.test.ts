import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { isRunning } from "../support/http/connect.ts";
import { openFixture, runFixture } from "../support/run-fixture.ts";

/** The first lines of `EXPLORE_ROLLBACK_INCOMPLETE` and `EXPLORE_REPLAY_DIVERGED`. */
const NOT_SETTLED =
  /rollback did not restore the state|something was written after a step|Replay diverged/;
const FAILED_RULE = /^Error: Invariant/m;

test("an app that dies on one order fails that branch, with its stack, and is started again", async () => {
  const { tests, stderr } = await runFixture("quality-odd", { vitest: "5", args: ["dies"] });

  expect(tests).toEqual({
    "dies.explore.test.ts": {
      "an app that dies": {
        exploration: "passed",
        start: "passed",
        open: "passed",
        "start → start": "failed",
        "start → open": "passed",
        "open → start": "passed",
        "open → open": "passed",
      },
    },
  });
  expect(stderr).toContain("The app died during POST /start: it exited with code 1.");
  expect(stderr).toContain("RangeError: two jobs at once");
  expect(stderr).toContain("This says nothing about the rules of the spec.");
});

test("an app that never answers one request fails that branch, and the search goes on", async () => {
  const { tests, stderr } = await runFixture("quality-odd", { vitest: "5", args: ["hangs"] });

  expect(tests).toEqual({
    "hangs.explore.test.ts": {
      "an app that does not answer": {
        exploration: "passed",
        start: "passed",
        finish: "passed",
        "start → finish": "failed",
        "finish → finish": "passed",
      },
    },
  });
  expect(stderr).toContain("No complete response during POST /finish within");
});

test.for(["20", "50"])(
  "an app that writes %s ms after its answer is told as such, never as a broken rule",
  async (ms) => {
    const env = { LATE_MS: ms };
    const { exitCode, stderr } = await runFixture("quality-odd", {
      vitest: "5",
      args: ["late"],
      env,
    });

    expect(exitCode).toBe(1);
    expect(stderr).toMatch(NOT_SETTLED);
    expect(stderr.replaceAll(/^Caused by: .*/gm, "")).not.toMatch(FAILED_RULE);
  },
);

test("an action that does not wait for its request is named", async () => {
  const { exitCode, stderr } = await runFixture("quality-odd", { vitest: "5", args: ["floating"] });

  expect(exitCode).toBe(1);
  expect(stderr).toContain("api: POST /open was still under way when its step was over");
});

test("a killed run leaves the user's database as it was; the next run removes what is left", async () => {
  const temporary = mkdtempSync(join(tmpdir(), "explore-killed-"));
  onTestFinished(() => rmSync(temporary, { recursive: true, force: true }));
  await using fixture = openFixture("quality-odd", "5");
  const file = join(fixture.folder, "user.db");
  makeDatabase(file);
  const before = digest(file);
  const ours = join(temporary, `vitest-explore-${process.getuid?.() ?? ""}`);
  const work = join(ours, "work");
  const env = { TMPDIR: temporary };

  const killed = fixture.start(["long"], { env });
  await until(() =>
    worldsIn(work).some((world) => existsSync(join(work, world, "db-user.db-wal"))),
  );
  const left = worldsIn(work);
  killed.kill("SIGKILL");
  await killed.ended;
  // The worker ends a moment later; as long as it runs, what it started is not left over.
  await until(() => left.every((world) => !isRunning(Number(world.split("-")[0]))));
  const { exitCode } = await fixture.run(["long"], { env: { ...env, DEPTH: "2" } });

  expect(exitCode).toBe(0);
  expect(worldsIn(work).filter((world) => left.includes(world))).toEqual([]);
  expect(readdirSync(join(ours, "processes"))).toEqual([]);
  expect(digest(file)).toBe(before);
  expect(readdirSync(fixture.folder).filter((name) => name.startsWith("user.db"))).toEqual([
    "user.db",
  ]);
});

function makeDatabase(file: string): void {
  const database = new Database(file);
  database.pragma("journal_mode = WAL");
  database.exec("CREATE TABLE kept (x); INSERT INTO kept VALUES (1)");
  database.close();
}

function digest(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function worldsIn(work: string): readonly string[] {
  return existsSync(work) ? readdirSync(work) : [];
}

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error("It did not come true.");
    await sleep(20);
  }
}
