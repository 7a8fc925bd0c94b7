import { postgres } from "vitest-explore/postgres";
import { createTest } from "vitest-explore/test";
import { expect } from "vitest";

const test = createTest({ db: postgres({ migrate: "node migrate.mjs" }) });

test("second", async ({ world }) => {
  expect(await world.db.query("INSERT INTO orders DEFAULT VALUES RETURNING id")).toEqual([
    { id: 1 },
  ]);
});
