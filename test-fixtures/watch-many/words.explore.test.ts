import { http } from "vitest-explore/http";
import { sqlite } from "vitest-explore/sqlite";
import { createTest } from "vitest-explore/test";

const test = createTest({
  db: sqlite({ schema: "./schema.sql" }),
  api: http({
    command: "node server.js",
    env: ({ db }) => ({ DATABASE_PATH: db.path }),
    watch: ["server.js", "rules.js"],
  }),
});

test.explore<{ word: string }>("words", {
  context: { word: "" },
  actions: ["a", "b", "c"].map((letter) => ({
    name: letter,
    run: ({ api, context }) => {
      context.word += letter;
      return api.post(`/${context.word}`);
    },
  })),
  depth: 5,
});
