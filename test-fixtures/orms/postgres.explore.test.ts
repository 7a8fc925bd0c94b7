import { describe } from "vitest";
import { http } from "vitest-explore/http";
import { postgres } from "vitest-explore/postgres";
import { createTest } from "vitest-explore/test";
import { rollsBack, shop } from "./shop.ts";

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

    test("a rollback undoes what the app has committed", rollsBack);
  });
}
