import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ConnectedSystem } from "../../src/adapters/adapter.ts";
import { http } from "../../src/adapters/http/index.ts";
import { mock } from "../../src/adapters/mock/index.ts";
import { ISOLATIONS as MYSQL } from "../../src/adapters/mysql/options.ts";
import { ISOLATIONS as POSTGRES } from "../../src/adapters/postgres/options.ts";
import { ISOLATIONS as REDIS } from "../../src/adapters/redis/options.ts";
import { ISOLATIONS as SQLITE } from "../../src/adapters/sqlite/options.ts";
import { lane } from "../support/lane.ts";
import { connect as connectMysql } from "../support/mysql/connect.ts";
import * as mysqlServer from "../support/mysql/server.ts";
import { connect as connectPostgres } from "../support/postgres/connect.ts";
import * as postgresServer from "../support/postgres/server.ts";
import { provideNothing } from "../support/provision/nothing.ts";
import { connect as connectRedis, ownServer } from "../support/redis/connect.ts";
import { needsRedis } from "../support/redis/server.ts";
import { connect as connectSqlite } from "../support/sqlite/connect.ts";

const README = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");

const TABLE = README.split("\n").filter((line) => line.startsWith("| `"));

/** The README's rows about a system. */
function told(system: string): readonly string[] {
  return TABLE.filter((line) => line.startsWith(`| \`${system}\` |`));
}

/** The row for a system, written from what the opened adapter declares. */
async function rowOf(
  system: string,
  { adapter }: Pick<ConnectedSystem<unknown>, "adapter">,
): Promise<string> {
  const { mode } = await adapter.open();
  const { history, scope, schema, counters } = adapter.capabilities;
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

/** What is chosen from by the system itself is none of the modes. */
function modesOf<Mode extends string>(
  isolations: readonly Mode[],
): readonly Exclude<Mode, "auto">[] {
  return isolations.filter((mode): mode is Exclude<Mode, "auto"> => mode !== "auto");
}

const environment = {
  name: "it",
  slot: "test",
  directory: "",
  root: "",
  handles: {},
  provide: provideNothing,
};

test("the README's table has each system", () => {
  const systems = ["postgres", "mysql", "sqlite", "redis", "mock", "http"];
  expect(TABLE).toEqual(systems.flatMap(told));
});

test("what it says of sqlite, mock and http is what they declare", async () => {
  const rows: string[] = [];
  for (const isolation of modesOf(SQLITE)) {
    rows.push(await rowOf("sqlite", await connectSqlite({ isolation })));
  }
  expect(told("sqlite")).toEqual(rows);

  await using data = (await mock().connect(environment)).adapter;
  expect(told("mock")).toEqual([await rowOf("mock", { adapter: data })]);

  const app = http({ app: { fetch: () => new Response() } });
  await using client = (await app.connect(environment)).adapter;
  expect(told("http")).toEqual([await rowOf("http", { adapter: client })]);
});

lane("what it says of PostgreSQL", postgresServer.probePostgres, () => {
  test("is what its modes declare", async ({ onTestFinished }) => {
    const server = await postgresServer.startServer();
    onTestFinished(server.stop);

    const rows: string[] = [];
    for (const isolation of modesOf(POSTGRES)) {
      const connected = await connectPostgres({
        url: server.url("postgres"),
        schema: "CREATE TABLE orders (id integer PRIMARY KEY);",
        isolation,
      });
      rows.push(await rowOf("postgres", connected));
    }
    expect(told("postgres")).toEqual(rows);
  });
});

lane("what it says of MySQL", mysqlServer.probeMysql, () => {
  test("is what its modes declare", async ({ onTestFinished }) => {
    const [program] = mysqlServer.SERVERS;
    if (program === undefined) throw new Error("there is none");
    const server = await mysqlServer.startServer(program);
    onTestFinished(server.stop);

    const rows: string[] = [];
    for (const isolation of modesOf(MYSQL)) {
      const connected = await connectMysql({
        url: server.url(),
        schema: "CREATE TABLE orders (id integer PRIMARY KEY);",
        isolation,
      });
      rows.push(await rowOf("mysql", connected));
    }
    expect(told("mysql")).toEqual(rows);
  });
});

lane("what it says of Redis", needsRedis, () => {
  test("is what its modes declare", async () => {
    const { host, port } = await ownServer();

    const rows: string[] = [];
    for (const isolation of modesOf(REDIS)) {
      rows.push(await rowOf("redis", await connectRedis({ host, port, isolation })));
    }
    expect(told("redis")).toEqual(rows);
  });
});
