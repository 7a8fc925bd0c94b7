import { createTest } from "vitest-explore/test";
import { http } from "vitest-explore/http";
import { sqlite } from "vitest-explore/sqlite";
import { APPS } from "./specs.ts";

for (const [name, { command, schema, env = {}, reset, ...spec }] of Object.entries(APPS)) {
  const test = createTest({
    db: sqlite(schema === undefined ? {} : { schema }),
    api: http({
      command,
      env: ({ db }) => ({ DATABASE_PATH: db.path, ...env }),
      ready: "/health",
      ...(reset && { reset }),
    }),
  });
  test.explore(name, spec);
}
