import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Adapter, Capabilities, Isolation } from "../../src/adapters/adapter.ts";
import { http } from "../../src/adapters/http/index.ts";
import { mock } from "../../src/adapters/mock/index.ts";
import { connect } from "../support/sqlite/connect.ts";
import { provideNothing } from "../support/provision/nothing.ts";

const README = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");

/** The README's row for a system, written from what the opened adapter declares. */
function row(system: string, { mode }: Isolation, capabilities: Capabilities): string {
  const { history, scope, schema, counters } = capabilities;
  const cells = [
    `\`${system}\``,
    `\`${mode}\``,
    history === "tree" ? "any checkpoint" : "ancestors",
    scope === "server" ? "every process" : "this process",
    schema ? "yes" : "no",
    counters ? "yes" : "no",
  ];
  return `| ${cells.join(" | ")} |`;
}

async function rowOf(system: string, adapter: Adapter): Promise<string> {
  await using open = adapter;
  const isolation = await open.open();
  return row(system, isolation, open.capabilities);
}

const environment = {
  name: "it",
  slot: "test",
  directory: "",
  root: "",
  handles: {},
  provide: provideNothing,
};

test("the README's table is what the systems declare", async () => {
  const modes = ["undo", "backup", "file", "savepoint"] as const;
  const rows: string[] = [];
  for (const isolation of modes) {
    const { adapter } = await connect({ isolation });
    rows.push(await rowOf("sqlite", adapter));
  }
  rows.push(await rowOf("mock", (await mock().connect(environment)).adapter));
  const app = http({ app: { fetch: () => new Response() } });
  rows.push(await rowOf("http", (await app.connect(environment)).adapter));

  const table = README.split("\n").filter((line) => line.startsWith("| `"));
  expect(table).toEqual(rows);
});
