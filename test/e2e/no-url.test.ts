import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { needsServer } from "../support/provision/needs-server.ts";
import { processesIn } from "../support/process-table.ts";
import { describeMajors, type Fixture, openFixture } from "../support/run-fixture.ts";

interface Seen {
  readonly url: string;
  readonly pid: number;
}

function seenBy(fixture: Fixture): readonly Seen[] {
  const lines = fixture.read("seen.jsonl").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Seen);
}

const hosts = (seen: readonly Seen[]): Set<string> =>
  new Set(seen.map(({ url }) => new URL(url).host));
const databases = (seen: readonly Seen[]): Set<string> =>
  new Set(seen.map(({ url }) => new URL(url).pathname));

const LONG = { timeout: 30_000 };

// Shared by all runs, as it is on a user's machine: the first one prepares the data folder.
let temporary: string;

beforeAll(() => {
  temporary = mkdtempSync(join(tmpdir(), "explore-e2e-"));
  // Servers that refuse to run as root pass through it.
  chmodSync(temporary, 0o711);
});

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const run = (more: Readonly<Record<string, string>> = {}): { env: Record<string, string> } => ({
  env: { TMPDIR: temporary, ...more },
});

/** Processes, and what is in the folders of those who serve. */
function leftBehind(...folders: readonly string[]): readonly (string | number)[] {
  const [base = ""] = readdirSync(temporary).filter((name) => name.startsWith("vitest-explore-"));
  const files = ["servers", "sockets", ...folders]
    .map((name) => join(temporary, base, name))
    .flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
  return [...processesIn(temporary).map(({ pid }) => pid), ...files];
}

lane("Redis without a URL", needsServer("redis"), () => {
  describeMajors((major) => {
    describe.each(["forks", "threads", "vmThreads", "vmForks"])("pool %s", (pool) => {
      test("two files have one server, and nothing is left of it", async () => {
        await using fixture = openFixture("no-url", major);

        const { exitCode, stdout } = await fixture.run(["first", "second"], run({ POOL: pool }));

        expect(exitCode).toBe(0);
        expect(stdout).not.toContain("vitest-explore");
        expect(seenBy(fixture)).toHaveLength(2);
        expect(hosts(seenBy(fixture)).size).toBe(1);
        expect(leftBehind("processes")).toEqual([]);
      });
    });

    test("two projects have one server", async () => {
      await using fixture = openFixture("no-url", major);

      await fixture.run(["first"], run({ PROJECTS: "north,south" }));

      expect(seenBy(fixture)).toHaveLength(2);
      expect(hosts(seenBy(fixture)).size).toBe(1);
    });

    test("watch mode keeps it warm, and stops it at the end", async () => {
      await using fixture = openFixture("no-url", major);
      const watch = fixture.start(["first"], { command: "watch", ...run() });
      await watch.printed("press q to quit");

      fixture.edit("first.test.ts", '"first"', '"again"');
      await watch.printed("press q to quit");
      expect(processesIn(temporary)).toHaveLength(1);
      watch.kill("SIGTERM");
      await watch.ended;

      const [first, second] = seenBy(fixture);
      expect(second?.url).toBe(first?.url);
      await expect.poll(() => leftBehind()).toEqual([]);
    });

    test("what takes long is said", async () => {
      await using fixture = openFixture("no-url", major);

      const { exitCode, stdout } = await fixture.run(["slow"], run());

      expect(exitCode).toBe(0);
      expect(stdout).toContain("vitest-explore: starting redis with <folder>/slow\n");
    });

    test("watch mode has servers again after a change of the configuration", async () => {
      await using fixture = openFixture("no-url", major);
      const watch = fixture.start(["first"], { command: "watch", ...run() });
      await watch.printed("press q to quit");

      fixture.edit("vitest.config.ts", "60_000", "50_000");
      await watch.printed("press q to quit");
      watch.kill("SIGTERM");
      await watch.ended;

      expect(seenBy(fixture)).toHaveLength(2);
      await expect.poll(() => processesIn(temporary)).toEqual([]);
    });

    test.for(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
      "%s in the middle of a test ends it",
      async (signal) => {
        await using fixture = openFixture("no-url", major);
        const waiting = fixture.start(["waits"], run());
        await expect.poll(() => existsSync(join(fixture.folder, "seen.jsonl")), LONG).toBe(true);
        expect(processesIn(temporary)).toHaveLength(1);

        waiting.kill(signal);
        await waiting.ended;

        await expect.poll(() => processesIn(temporary)).toEqual([]);
      },
    );

    test("kill -9 in the middle of a test leaves nothing after the next run", async () => {
      await using fixture = openFixture("no-url", major);
      const waiting = fixture.start(["waits"], run());
      await expect.poll(() => existsSync(join(fixture.folder, "seen.jsonl")), LONG).toBe(true);
      waiting.kill("SIGKILL");
      await waiting.ended;

      await fixture.run(["first"], run());

      expect(leftBehind("processes")).toEqual([]);
    });

    test("without the plugin, the user is told", async () => {
      await using fixture = openFixture("no-url", major);

      const { stderr } = await fixture.run(["first", "--config=no-plugin.config.ts"], run());

      expect(stderr).toContain(
        "ExploreError [EXPLORE_NO_PLUGIN]: a redis server without a URL needs the plugin of vitest-explore, which is not in the Vitest configuration.",
      );
    });

    test("without any way, the user is told where it was looked", async () => {
      await using fixture = openFixture("no-url", major);

      const { stderr } = await fixture.run(["missing"], run());

      expect(stderr.slice(stderr.indexOf("ExploreError"))).toContain(
        "ExploreError [EXPLORE_NO_SERVER]: No postgres server could be found or started on this machine. Tried, in order:\n" +
          "  binary: postgres with initdb not found in /nowhere\n" +
          "Make one of these work, or give the URL of a running server as `url`.",
      );
    });
  });
});

lane("PostgreSQL without a URL", needsServer("postgres"), () => {
  describeMajors((major) => {
    test("two workers have one server and a database each", async () => {
      await using fixture = openFixture("no-url", major);

      const { tests } = await fixture.run(["orders", "refunds"], run());

      const explored = {
        exploration: "passed",
        add: "passed",
        remove: "passed",
        "add → add": "passed",
        "add → remove": "passed",
      };
      expect(tests).toEqual({
        "orders.explore.test.ts": { orders: explored, "where it was": "passed" },
        "refunds.explore.test.ts": { refunds: explored, "where it was": "passed" },
      });
      const seen = seenBy(fixture);
      expect(hosts(seen).size).toBe(1);
      expect(databases(seen).size).toBe(2);
      expect(leftBehind("processes")).toEqual([]);
    });

    test("a test that loses its server fails, and the next one gets another", async () => {
      await using fixture = openFixture("no-url", major);

      const { tests, stderr } = await fixture.run(["killed"], run());

      expect(tests).toEqual({
        "killed.test.ts": { "loses its server": "failed", "gets another one": "passed" },
      });
      expect(hosts(seenBy(fixture)).size).toBe(2);
      expect(stderr).toMatch(/terminat|closed|reset/i);
      expect(leftBehind("processes")).toEqual([]);
    });
  });
});
