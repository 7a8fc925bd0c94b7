import { describe, expect } from "vitest";
import { http } from "vitest-explore/http";
import { postgres } from "vitest-explore/postgres";
import { createTest } from "vitest-explore/test";
import { shop } from "./shop.ts";

// Three ways to get tables: the app migrates when it starts, a command does, SQL files are run.
const DATABASES = {
  drizzle: postgres(),
  knex: postgres({ migrate: "npx knex migrate:latest" }),
  kysely: postgres(),
  prisma: postgres({ schema: "prisma/migrations" }),
  typeorm: postgres(),
};

for (const [orm, database] of Object.entries(DATABASES)) {
  const test = createTest({
    db: database,
    api: http({
      command: `node server.js ${orm}`,
      env: ({ db }) => ({ DATABASE_URL: db.url }),
      ready: "/health",
    }),
  });

  describe(orm, () => {
    test.explore("shop", shop);

    test("a rollback undoes what the app has committed", async ({ world }) => {
      const { api, db } = world;
      await api.post("/orders", { amount: 100 });
      const paid = await world.checkpoint();

      await api.post("/orders/1/cancel");
      await api.post("/orders", { amount: 5 });
      expect(await db.query("SELECT status FROM orders ORDER BY id")).toEqual([
        { status: "cancelled" },
        { status: "paid" },
      ]);
      await world.rollback(paid);

      expect(await db.query("SELECT id, status FROM orders")).toEqual([{ id: 1, status: "paid" }]);
      // The sequence went back too.
      expect((await api.post("/orders", { amount: 5 })).body.id).toBe(2);
    });
  });
}
