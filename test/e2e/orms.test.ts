import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { probeMysql } from "../support/mysql/server.ts";
import { probePostgres } from "../support/postgres/server.ts";
import { type Fixture, needsOrms, openFixture, type Tree } from "../support/run-fixture.ts";

const SHOP = {
  exploration: "passed",
  "create order": "passed",
  "create order → refund": "passed",
  "create order → cancel": "passed",
  "create order → refund → refund": "failed",
  "create order → refund → cancel": "passed",
  "create order → cancel → refund": "passed",
  "create order → cancel → cancel": "passed",
} as const;
const REPAIRED = { ...SHOP, "create order → refund → refund": "passed" } as const;

/** The tree of a spec file that says the same of each ORM. */
const eachOf = (orms: readonly string[], shop: Tree): Tree =>
  Object.fromEntries(
    orms.map((orm) => [orm, { shop, "a rollback undoes what the app has committed": "passed" }]),
  );

lane(
  "ORMs on PostgreSQL",
  () => probePostgres() ?? needsOrms(),
  () => {
    const orms = ["drizzle", "knex", "kysely", "prisma", "typeorm"];
    const stack = new AsyncDisposableStack();
    let fixture: Fixture;

    beforeAll(() => {
      fixture = stack.use(openFixture("orms", "5", { orms: true }));
      generatePrismaClient(fixture.folder);
    });

    afterAll(() => stack.disposeAsync());

    test("an order that breaks the rule is found through each of them", async () => {
      const { tests, stdout } = await fixture.run(["postgres"]);

      expect(tests).toEqual({ "postgres.explore.test.ts": eachOf(orms, SHOP) });
      expect(stdout).toContain("db: isolation undo");
    });

    test("the repaired app passes with each of them", async () => {
      const { tests, exitCode } = await fixture.run(["postgres"], { env: { FIXED: "1" } });

      expect(tests).toEqual({ "postgres.explore.test.ts": eachOf(orms, REPAIRED) });
      expect(exitCode).toBe(0);
    });
  },
);

lane(
  "ORMs on MySQL",
  () => probeMysql() ?? needsOrms(),
  () => {
    const orms = ["sequelize"];

    test.for([
      ["an order that breaks the rule is found", {}, SHOP],
      ["the repaired app passes", { FIXED: "1" }, REPAIRED],
    ] as const)("%s", async ([, env, shop]) => {
      await using fixture = openFixture("orms", "5", { orms: true });

      const { tests, stdout } = await fixture.run(["mysql"], { env });

      expect(tests).toEqual({ "mysql.explore.test.ts": eachOf(orms, shop) });
      expect(stdout).toContain("db: isolation undo");
    });
  },
);

/** The generator is in the npm package; the engine that the CLI would download is not needed for it. */
function generatePrismaClient(folder: string): void {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(folder, "node_modules/prisma/build/index.js"), "generate"],
    {
      cwd: folder,
      env: {
        ...process.env,
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        CHECKPOINT_DISABLE: "1",
      },
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(`prisma generate failed:\n${stdout}\n${stderr}`);
}
