import { describe } from "vitest";
import { http } from "vitest-explore/http";
import { mysql } from "vitest-explore/mysql";
import { createTest } from "vitest-explore/test";
import { rollsBack, shop } from "./shop.ts";

const test = createTest({
  db: mysql(),
  api: http({
    command: "node server.js sequelize",
    env: ({ db }) => ({ DATABASE_URL: db.url }),
    ready: "/health",
  }),
});

describe("sequelize", () => {
  test.explore("shop", shop);

  test("a rollback undoes what the app has committed", rollsBack);
});
