import { probePostgres } from "../test/support/postgres/server.ts";
import type { Aim, Bench, Table } from "./bench.ts";
import { exploreShop, medianTimes, ROUNDS, type OurTimes } from "./headline-explore.ts";
import { startShopInProcess, startShopProcess } from "./headline-shop.ts";
import {
  allSequences,
  countStates,
  runCommands,
  runInTransactions,
  runRandomCommands,
  type RandomRun,
} from "./headline-ways.ts";
import { formatNumber } from "./page.ts";
import { startPostgres, type BenchServer } from "./postgres-database.ts";

const DEPTH = 5;
/** The sequences are run in so many parts, ours before each. */
const PARTS = 4;
/** Sequences that the other ways run before they are measured. */
const WARM_UP = 40;
/** What a request of the slower app takes longer. */
const LATER_MS = 5;

const MIN_FASTER = { truncate: 150, rollback: 40 } as const;

/** Every order of 4 actions on one app, by us and by what else would run them. */
export const bench: Bench = {
  title: "Every order of 4 actions to depth 5: an HTTP app over PostgreSQL",
  needs: probePostgres,
  run: async () => {
    await using server = await startPostgres();
    const bare = await measureBare(server);
    const slower = await measureSlower(server);
    const { states, transitions } = bare.coverage;
    return {
      columns: ["way", "sequences", "action runs", "time", "beside ours"],
      rows: rowsOf(bare, slower),
      notes: [
        "The app of `test-fixtures/order-shop`: node:http, pg's pool, `BEGIN` … `COMMIT`; 4 tables of 1,000 rows, 4 actions that can be tried in every state, one invariant that is asked for after every action.",
        `Sequences: those of 1 to ${DEPTH} actions of which every outcome was checked; by hand one runs the ${formatNumber(allSequences(DEPTH).length)} longest, whose beginnings the others are. All lead to the same ${states} states by the same ${transitions} transitions, counted in a pass of its own.`,
        "What makes the difference is above all that we recognise states: an action is run once in each state, not once in each sequence that leads there. Then come rollback instead of replay, and an app that need not be told of it.",
        `Times are without start-up and when all is warm: ours is the later half of ${ROUNDS} explorations in one Vitest worker, reporting of every branch included. The others have run ${WARM_UP} sequences before, and report nothing.`,
        "`TRUNCATE` and reload: the app runs in a process of its own, as in ours; the four tables are emptied and filled by four statements in one round trip.",
        "`ROLLBACK`: the app runs in the process of the test and is given the one connection, its transactions become savepoints; it answers HTTP all the same. An action of it takes half of what one takes that goes to another process and commits, so there is a bound to this ratio that no rollback can lift.",
        `The slower app does the same and answers ${LATER_MS} ms later, as one with a framework, authentication and a mapper would.`,
        `Measured in ${PARTS} parts, by turns with ours.`,
      ],
      aims: [
        aimOf(
          "fast-check with `TRUNCATE`",
          bare.truncateMs / bare.ours.warmMs,
          MIN_FASTER.truncate,
        ),
        aimOf("replay with `ROLLBACK`", bare.rollbackMs / bare.ours.warmMs, MIN_FASTER.rollback),
        aimOf(
          "replay with `ROLLBACK`, the slower app",
          slower.rollbackMs / slower.ours.warmMs,
          MIN_FASTER.rollback,
        ),
      ],
      versions: { PostgreSQL: server.version },
    };
  },
};

interface Bare {
  readonly ours: OurTimes;
  readonly truncateMs: number;
  readonly rollbackMs: number;
  readonly random: RandomRun;
  readonly coverage: { readonly states: number; readonly transitions: number };
}

async function measureBare(server: BenchServer): Promise<Bare> {
  await using apart = await startShopProcess(server);
  await using inProcess = await startShopInProcess(server, 0);
  const sequences = allSequences(DEPTH);
  await runCommands(apart, sequences.slice(0, WARM_UP));
  await runInTransactions(inProcess, sequences.slice(0, WARM_UP));
  const all: OurTimes[] = [];
  let truncateMs = 0;
  let rollbackMs = 0;
  for (let part = 0; part < PARTS; part += 1) {
    const some = sequences.filter((_sequence, index) => index % PARTS === part);
    all.push(await exploreShop(server, 0));
    truncateMs += await runCommands(apart, some);
    rollbackMs += await runInTransactions(inProcess, some);
  }
  const coverage = await countStates(inProcess, sequences);
  const ours = medianTimes(all);
  if (ours.branches !== coverage.transitions) {
    throw new Error(`ours ran ${ours.branches} transitions of ${coverage.transitions}`);
  }
  const random = await runRandomCommands(apart, { runs: sequences.length, depth: DEPTH });
  return { ours, truncateMs, rollbackMs, random, coverage };
}

type Slower = Pick<Bare, "ours" | "rollbackMs">;

async function measureSlower(server: BenchServer): Promise<Slower> {
  await using inProcess = await startShopInProcess(server, LATER_MS);
  const sequences = allSequences(DEPTH);
  await runInTransactions(inProcess, sequences.slice(0, WARM_UP));
  const ours = await exploreShop(server, LATER_MS);
  return { ours, rollbackMs: await runInTransactions(inProcess, sequences) };
}

function rowsOf(bare: Bare, slower: Slower): Table["rows"] {
  const longest = allSequences(DEPTH).length;
  let sequences = 0;
  for (let length = 1; length <= DEPTH; length += 1) sequences += allSequences(length).length;
  const { ours, truncateMs, rollbackMs, random, coverage } = bare;
  const recognised = [sequences, coverage.transitions] as const;
  const replayed = [sequences, longest * DEPTH] as const;
  const { warmMs } = ours;
  const later = slower.ours.warmMs;
  return [
    row("`test.explore`", recognised, [warmMs, warmMs]),
    row("`test.explore`, the first in its process", recognised, [ours.coldMs, warmMs]),
    row("`test.explore`, a whole `vitest run` with start-up", recognised, [ours.wholeMs, warmMs]),
    row("fast-check's model runner, `TRUNCATE` and reload", replayed, [truncateMs, warmMs]),
    row(
      "the same as it is used: `fc.commands` draws as many sequences",
      [random.prefixes, random.actionRuns],
      [random.ms, warmMs],
    ),
    row("replay of every sequence, `ROLLBACK`", replayed, [rollbackMs, warmMs]),
    row("the slower app: `test.explore`", recognised, [later, later]),
    row("the slower app: replay, `ROLLBACK`", replayed, [slower.rollbackMs, later]),
  ];
}

/** @param ms - What it took, and what ours did. */
function row(
  way: string,
  [sequences, actionRuns]: readonly [number, number],
  [ms, oursMs]: readonly [number, number],
): Table["rows"][number] {
  const times = `${formatNumber(ms / oursMs)}×`;
  return [way, sequences, actionRuns, `${formatNumber(ms / 1000)} s`, times];
}

function aimOf(other: string, times: number, least: number): Aim {
  return {
    text: `at least ${least}× less time than ${other}`,
    found: `${formatNumber(times)}×`,
    met: times >= least,
  };
}
