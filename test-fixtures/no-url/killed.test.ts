import { readFileSync } from "node:fs";
import { createTest } from "vitest-explore/test";
import { postgres } from "vitest-explore/postgres";
import { note } from "./asked.ts";

const test = createTest({
  db: postgres({ schema: "schema.sql", server: { way: "binary" }, isolation: "undo" }),
});

test("loses its server", async ({ world }) => {
  note({ url: world.db.url });
  const [row] = await world.db.query<{ folder: string }>(
    "SELECT current_setting('data_directory') AS folder",
  );
  const [pid] = readFileSync(`${row?.folder}/postmaster.pid`, "utf8").split("\n");
  process.kill(Number(pid), "SIGKILL");
  await world.db.query("SELECT pg_sleep(60)");
});

test("gets another one", async ({ world }) => {
  note({ url: world.db.url });
  await world.db.query("SELECT 1 FROM orders");
});
