import { http } from "vitest-explore/http";
import { type SqliteHandle, sqlite } from "vitest-explore/sqlite";
import { always, createTest } from "vitest-explore/test";
import { texts } from "./texts.ts";

const [script, image, comment, end] = texts;

const test = createTest({
  db: sqlite({ schema: `CREATE TABLE notes ("${image.replaceAll('"', '""')}" TEXT PRIMARY KEY)` }),
  api: http({
    command: "node server.js",
    env: ({ db }: { db: SqliteHandle }) => ({ DATABASE_PATH: db.path }),
    ready: "/",
    headers: { "x-asked": image },
  }),
});

test.explore(`${script} ${comment}`, {
  actions: Object.fromEntries(
    texts.map((text) => [
      text,
      {
        enabled: async ({ db }) => (await db.query("SELECT * FROM notes")).length === 0,
        run: ({ api }) => api.post(`/notes?${new URLSearchParams({ text }).toString()}`, { text }),
      },
    ]),
  ),
  invariants: {
    [`${end}${image}`]: always(async ({ db }) => {
      const [note] = await db.query<Record<string, string>>("SELECT * FROM notes");
      if (note !== undefined) throw new Error(`${Object.values(note).join()} is there`);
      return true;
    }),
  },
  depth: 1,
});
