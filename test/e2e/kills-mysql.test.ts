import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filesIn, findProcess, killInRun, momentsOf } from "../support/kills.ts";
import { lane, type Probe } from "../support/lane.ts";
import { probeMysql } from "../support/mysql/server.ts";
import { probeProcessTable, processesIn } from "../support/process-table.ts";
import { type Fixture, needsOrms, openFixture } from "../support/run-fixture.ts";

/** Steps of an exploration that is still at work then, and of one that goes on when its app was killed. */
const LONG = "8";
const SHORT = "5";

const shop = [
  "create order",
  "create order → create order",
  "create order → refund",
  "create order → cancel",
  "create order → create order → create order",
  "create order → create order → refund",
  "create order → create order → cancel",
  "create order → refund → create order",
  "create order → refund → refund",
  "create order → refund → cancel",
  "create order → cancel → create order",
  "create order → cancel → refund",
  "create order → cancel → cancel",
];
const SOUND = {
  "mysql.explore.test.ts": {
    sequelize: {
      shop: Object.fromEntries(["exploration", ...shop].map((name) => [name, "passed"])),
      "a rollback undoes what the app has committed": "passed",
    },
  },
};

const probe: Probe = () => probeProcessTable() ?? probeMysql() ?? needsOrms();

lane("kill -9 while MySQL is explored", probe, () => {
  let fixture: Fixture;
  let temporary: string;

  beforeAll(() => {
    temporary = mkdtempSync(join(tmpdir(), "kills-"));
    // The server runs as another user when this one is root.
    chmodSync(temporary, 0o755);
    fixture = openFixture("orms", "5", { orms: true });
    fixture.edit("shop.ts", "enabled: ({ context }: Args) => context.orderId === undefined,", "");
    fixture.edit("shop.ts", "depth: 5", "depth: Number(process.env.DEPTH ?? 3)");
  });

  afterAll(async () => {
    await fixture[Symbol.asyncDispose]();
    rmSync(temporary, { recursive: true, force: true });
  });

  test.for(["vitest", "app", "mysql"] as const)(
    "after the end of %s the next run is clean",
    async (victim) => {
      const env = { FIXED: "1", TMPDIR: temporary };

      for (const moment of momentsOf(`mysql ${victim}`)) {
        const afterMs = await killInRun({
          fixture,
          args: ["mysql"],
          env: { ...env, DEPTH: victim === "app" ? SHORT : LONG },
          pidOf: ({ pid }) => {
            if (victim === "vitest") return pid;
            return findProcess(victim === "mysql" ? temporary : fixture.folder, victim);
          },
          afterMs: moment,
        });
        const where = `${victim} killed ${afterMs} ms after the app was there`;

        const next = await fixture.run(["mysql"], { env });

        // What failed last time is run first, so that deeper branches may come in addition.
        expect(next.tests, `${where}\n${next.stdout}\n${next.stderr}`).toMatchObject(SOUND);
        expect(next.exitCode, where).toBe(0);
        expect(processesIn(fixture.folder), where).toEqual([]);
        expect(processesIn(temporary), where).toEqual([]);
        expect(filesIn(temporary), where).toEqual([]);
      }
    },
  );
});
