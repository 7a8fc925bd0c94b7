import { join } from "node:path";
import { probePostgres } from "../test/support/postgres/server.ts";
import { probeMysql } from "../test/support/mysql/server.ts";
import { needsRedis } from "../test/support/redis/server.ts";
import type { Bench, Table } from "./bench.ts";
import { byTurns, median } from "./measure.ts";
import { makeDatabase as makeMysql, startMysql } from "./mysql-database.ts";
import * as mysql from "./mysql-rollback-subjects.ts";
import * as mock from "./mock-rollback-subjects.ts";
import { formatNumber } from "./page.ts";
import { makeDatabase as makePostgres, startPostgres } from "./postgres-database.ts";
import * as postgres from "./postgres-rollback-subjects.ts";
import { startRedis } from "./redis-database.ts";
import * as redis from "./redis-rollback-subjects.ts";
import type { Side } from "./rollback.ts";
import { patienceFor, roundOf } from "./rollback-table.ts";
import { makeDatabase as makeSqlite, temporaryFolder } from "./sqlite-database.ts";
import * as sqlite from "./sqlite-rollback-subjects.ts";

/** Numbers of rows or keys. */
const SIZES = [1_000, 100_000];

/** A line of the original's table, and what measures it here. */
interface Backend {
  readonly name: string;
  readonly itsWay: string;
  readonly itSays: string;
  /** Whether its way undoes what an app in a process of its own has committed. */
  readonly reachesApps: string;
  readonly ourMode: string;
  readonly needs?: () => string | undefined | Promise<string | undefined>;
  readonly open: () => Promise<Sides>;
}

interface Sides extends AsyncDisposable {
  readonly its: (size: number) => Promise<Side>;
  readonly ours: (size: number) => Promise<Side>;
}

const BACKENDS: readonly Backend[] = [
  {
    name: "PostgreSQL",
    itsWay: "`SAVEPOINT`",
    itSays: "~1 ms",
    reachesApps: "no",
    ourMode: "`undo`",
    needs: probePostgres,
    open: async () => {
      const server = await startPostgres();
      const made = new Set<number>();
      const setup = async (rows: number): Promise<Omit<postgres.Setup, "mode">> => {
        const template = `rows_${rows}`;
        if (!made.has(rows)) await makePostgres(server, template, rows);
        made.add(rows);
        return { server, rows, template };
      };
      return {
        its: async (rows) => postgres.sideByHand({ ...(await setup(rows)), mode: "savepoint" }),
        ours: async (rows) => postgres.ourSide({ ...(await setup(rows)), mode: "undo" }),
        [Symbol.asyncDispose]: server.stop,
      };
    },
  },
  {
    name: "MySQL",
    itsWay: "`SAVEPOINT`",
    itSays: "~2 ms",
    reachesApps: "no",
    ourMode: "`undo`",
    needs: probeMysql,
    open: async () => {
      const server = await startMysql();
      const made = new Set<number>();
      const setup = async (rows: number): Promise<Omit<mysql.Setup, "mode">> => {
        const template = `rows_${rows}`;
        if (!made.has(rows)) await makeMysql(server, template, rows);
        made.add(rows);
        return { server, rows, template };
      };
      return {
        its: async (rows) => mysql.sideByHand({ ...(await setup(rows)), mode: "savepoint" }),
        ours: async (rows) => mysql.ourSide({ ...(await setup(rows)), mode: "undo" }),
        [Symbol.asyncDispose]: server.stop,
      };
    },
  },
  {
    name: "SQLite",
    itsWay: "file copy",
    itSays: "~50 ms",
    reachesApps: "only where nobody has the file open",
    ourMode: "`undo`",
    open: async () => {
      const folder = await temporaryFolder();
      const setup = (rows: number, mode: sqlite.ModeName): sqlite.Setup => {
        const directory = join(folder.path, `${mode}-${rows}`);
        const template = join(folder.path, `${mode}-${rows}.db`);
        makeSqlite(template, rows);
        return { mode, rows, template, directory };
      };
      return {
        its: (rows) => sqlite.rawSide(setup(rows, "file")),
        ours: (rows) => sqlite.ourSide(setup(rows, "undo")),
        [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
      };
    },
  },
  {
    name: "Redis",
    itsWay: "`DUMP` / `RESTORE` of all keys",
    itSays: "~10 ms",
    reachesApps: "yes",
    ourMode: "`touched`",
    needs: needsRedis,
    open: async () => {
      const server = await startRedis();
      return {
        its: (keys) => redis.sideByHand({ server, mode: "dump", keys }),
        ours: (keys) => redis.ourSide({ server, mode: "touched", keys }),
        [Symbol.asyncDispose]: server.stop,
      };
    },
  },
  {
    name: "Mock",
    itsWay: "deep copy",
    itSays: "~0.1 ms",
    reachesApps: "–",
    ourMode: "`copy`",
    open: () =>
      Promise.resolve({
        its: mock.sideByHand,
        ours: mock.ourSide,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  },
];

/** The table of the original's page on databases, with a column of ours. */
export const bench: Bench = {
  title: "Rollback beside the Python original's table",
  run: async () => {
    const rows: Table["rows"][number][] = [];
    for (const backend of BACKENDS) rows.push(await measure(backend));
    const sizes = SIZES.map((size) => formatNumber(size));
    return {
      columns: [
        "backend",
        "its way",
        "it says",
        ...sizes.map((size) => `its way here, ${size} rows or keys`),
        "undoes what an app in its own process commits",
        "our default",
        ...sizes.map((size) => `ours, ${size}`),
      ],
      rows,
      notes: [
        "Rolling back 3 changed rows or keys. The left part is the page the project was asked to follow; its ways are done by hand with the plain driver, which is the best they can be.",
        "Ours undoes what any process has committed, sequences and counters included; see the tables of each backend for what a checkpoint takes.",
      ],
      aims: [],
    };
  },
};

async function measure(backend: Backend): Promise<Table["rows"][number]> {
  const { name, itsWay, itSays, reachesApps, ourMode } = backend;
  const reason = await backend.needs?.();
  const found = { its: [] as string[], ours: [] as string[] };
  if (reason === undefined) {
    await using sides = await backend.open();
    for (const size of SIZES) {
      found.its.push(await rollbackOf(() => sides.its(size)));
      found.ours.push(await rollbackOf(() => sides.ours(size)));
    }
  } else {
    for (const list of [found.its, found.ours]) list.push(...SIZES.map(() => "not measured"));
  }
  return [
    name,
    itsWay,
    itSays,
    ...found.its,
    reachesApps,
    reason === undefined ? ourMode : `${ourMode} (not measured: ${reason})`,
    ...found.ours,
  ];
}

async function rollbackOf(open: () => Promise<Side>): Promise<string> {
  await using side = await open();
  const { only } = await byTurns({ only: side.sample }, patienceFor(await roundOf(side)));
  const ms = median(only.map(({ rollbackMs }) => rollbackMs));
  return ms < 0.001 ? "below 0.001 ms" : `${formatNumber(ms)} ms`;
}
