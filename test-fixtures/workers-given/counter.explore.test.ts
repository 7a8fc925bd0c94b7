import { rmSync } from "node:fs";
import Database from "better-sqlite3";
import { afterAll, beforeAll } from "vitest";
import { sqlite } from "vitest-explore/sqlite";
import { createTest } from "vitest-explore/test";

const test = createTest({ db: sqlite({ path: "counter.db", testDatabase: true }) });

beforeAll(() => {
  new Database("counter.db").exec("CREATE TABLE counts (value INTEGER)").close();
});
afterAll(() => rmSync("counter.db"));

test.explore("as the plugin says", {
  actions: { count: ({ db }) => db.query("INSERT INTO counts VALUES (1)") },
  depth: 2,
});

test.explore("as the spec says", {
  workers: 2,
  actions: { count: ({ db }) => db.query("INSERT INTO counts VALUES (1)") },
  depth: 2,
});
