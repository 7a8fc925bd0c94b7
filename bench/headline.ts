import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExplorationTimes } from "../test-fixtures/order-shop/times.ts";
import { probePostgres } from "../test/support/postgres/server.ts";
import { openFixture } from "../test/support/run-fixture.ts";
import type { Aim, Bench } from "./bench.ts";
import { startShopInProcess, startShopProcess } from "./headline-shop.ts";
import {
  allSequences,
  countStates,
  runCommands,
  runInTransactions,
  runRandomCommands,
  type Sequence,
} from "./headline-ways.ts";
import { median, timed } from "./measure.ts";
import { formatNumber } from "./page.ts";
import { startPostgres, type BenchServer } from "./postgres-database.ts";

const DEPTH = 5;
/** The sequences are run in so many parts, ours before each. */
const PARTS = 4;
/** Sequences that the other ways run before they are measured. */
const WARM_UP = 40;
/** Explorations in one worker, of which the later half counts as warm. */
const ROUNDS = 10;

const MIN_FASTER = { truncate: 150, rollback: 40 } as const;

/** Every order of 4 actions on one app, by us and by what else would run them. */
export const bench: Bench = {
  title: "Every order of 4 actions to depth 5: an HTTP app over PostgreSQL",
  needs: probePostgres,
  run: async () => {
    await using server = await startPostgres();
    const measured = await measureAll(server);
    const { ours, truncateMs, rollbackMs, random, coverage } = measured;
    const { actionRuns, prefixes } = sizes();
    const found = `${coverage.states} states, ${coverage.transitions} transitions`;
    const ratio = (ms: number): string => `${formatNumber(ms / ours.warmMs)}×`;
    return {
      columns: ["way", "sequences", "action runs", "time", "beside ours"],
      rows: [
        ["`test.explore`", prefixes, coverage.transitions, seconds(ours.warmMs), "1×"],
        [
          "`test.explore`, the first in its process",
          prefixes,
          coverage.transitions,
          seconds(ours.coldMs),
          ratio(ours.coldMs),
        ],
        [
          "`test.explore`, the whole `vitest run` with start-up",
          prefixes,
          coverage.transitions,
          seconds(ours.wholeMs),
          ratio(ours.wholeMs),
        ],
        [
          "fast-check's model runner, `TRUNCATE` and reload",
          prefixes,
          actionRuns,
          seconds(truncateMs),
          ratio(truncateMs),
        ],
        [
          "fast-check as it is used: `fc.commands`, as many runs",
          random.prefixes,
          random.actionRuns,
          seconds(random.ms),
          ratio(random.ms),
        ],
        [
          "replay of every sequence, `ROLLBACK`",
          prefixes,
          actionRuns,
          seconds(rollbackMs),
          ratio(rollbackMs),
        ],
      ],
      notes: [
        "The app of `test-fixtures/order-shop`: node:http, pg's pool, `BEGIN` … `COMMIT`; 4 tables of 1,000 rows, 4 actions that can be tried in every state, one invariant that is asked for after every action.",
        `Sequences: those of 1 to ${DEPTH} actions of which every outcome was checked; by hand one runs the ${allSequences(DEPTH).length} longest, whose beginnings the others are. All lead to the same ${found}, counted in a pass of its own.`,
        "What makes the difference is above all that we recognise states: an action is run once in each state, not once in each sequence that leads there. Then come rollback instead of replay, and an app that need not be told of it.",
        `Times are without start-up and when all is warm: ours is the later half of ${ROUNDS} explorations in one Vitest worker, reporting of every branch included. The others have run ${WARM_UP} sequences before, and report nothing.`,
        "`TRUNCATE` and reload: the app runs in a process of its own, as in ours; the four tables are emptied and filled by four statements in one round trip. `ROLLBACK`: the app runs in the process of the test and is given the one connection, its transactions become savepoints; it answers HTTP all the same.",
        `Measured in ${PARTS} parts, by turns with ours.`,
      ],
      aims: [
        aimOf(
          "less time than fast-check with `TRUNCATE`",
          truncateMs / ours.warmMs,
          MIN_FASTER.truncate,
        ),
        aimOf(
          "less time than replay with `ROLLBACK`",
          rollbackMs / ours.warmMs,
          MIN_FASTER.rollback,
        ),
      ],
      versions: { PostgreSQL: server.version },
    };
  },
};

interface Measured {
  readonly ours: OurTimes;
  readonly truncateMs: number;
  readonly rollbackMs: number;
  readonly random: Awaited<ReturnType<typeof runRandomCommands>>;
  readonly coverage: Awaited<ReturnType<typeof countStates>>;
}

async function measureAll(server: BenchServer): Promise<Measured> {
  await using apart = await startShopProcess(server);
  await using inProcess = await startShopInProcess(server);
  const sequences = allSequences(DEPTH);
  const parts = Array.from({ length: PARTS }, (_, part) =>
    sequences.filter((_sequence, index) => index % PARTS === part),
  );
  const warmUp: readonly Sequence[] = parts[0]?.slice(0, WARM_UP) ?? [];
  await runCommands(apart, warmUp);
  await runInTransactions(inProcess, warmUp);
  const ours: OurTimes[] = [];
  let truncateMs = 0;
  let rollbackMs = 0;
  for (const part of parts) {
    ours.push(await explore(server));
    truncateMs += await runCommands(apart, part);
    rollbackMs += await runInTransactions(inProcess, part);
  }
  const coverage = await countStates(inProcess, sequences);
  for (const { branches } of ours) {
    if (branches !== coverage.transitions) {
      throw new Error(`ours ran ${branches} transitions of ${coverage.transitions}`);
    }
  }
  const random = await runRandomCommands(apart, { runs: sequences.length, depth: DEPTH });
  return {
    ours: {
      warmMs: median(ours.map(({ warmMs }) => warmMs)),
      coldMs: median(ours.map(({ coldMs }) => coldMs)),
      wholeMs: median(ours.map(({ wholeMs }) => wholeMs)),
      branches: coverage.transitions,
    },
    truncateMs,
    rollbackMs,
    random,
    coverage,
  };
}

interface OurTimes {
  /** Of the only exploration of a run. */
  readonly coldMs: number;
  /** Of the later ones of a run that has many. */
  readonly warmMs: number;
  /** Of a run with one exploration, Vitest's start and end included. */
  readonly wholeMs: number;
  readonly branches: number;
}

/** Runs Vitest on the shop's spec twice: to explore it once, and many times. */
async function explore(server: BenchServer): Promise<OurTimes> {
  await using fixture = openFixture("order-shop", "5");
  const file = join(fixture.folder, "times.json");
  const run = async (rounds: number): Promise<readonly ExplorationTimes[]> => {
    const env = {
      DATABASE_URL: server.url("postgres"),
      TIMES_FILE: file,
      ROUNDS: String(rounds),
    };
    const args = ["--reporter=default", "--reporter=./times.ts"];
    const { exitCode, stdout, stderr } = await fixture.run(args, { plain: true, env });
    if (exitCode !== 0) throw new Error(`the shop's spec failed:\n${stdout}\n${stderr}`);
    return JSON.parse(readFileSync(file, "utf8")) as readonly ExplorationTimes[];
  };
  let once: readonly ExplorationTimes[] = [];
  const wholeMs = await timed(async () => (once = await run(1)));
  const often = await run(ROUNDS);
  const branches = new Set([...once, ...often].map((each) => each.branches));
  if (branches.size !== 1) throw new Error(`explorations differ: ${[...branches].join(", ")}`);
  return {
    coldMs: median(once.map(({ ms }) => ms)),
    warmMs: median(often.slice(ROUNDS / 2).map(({ ms }) => ms)),
    wholeMs,
    branches: [...branches][0] ?? 0,
  };
}

function seconds(ms: number): string {
  return `${formatNumber(ms / 1000)} s`;
}

/** What running all sequences amounts to. */
function sizes(): { readonly actionRuns: number; readonly prefixes: number } {
  const longest = allSequences(DEPTH).length;
  let prefixes = 0;
  for (let length = 1; length <= DEPTH; length += 1) prefixes += allSequences(length).length;
  return { actionRuns: longest * DEPTH, prefixes };
}

function aimOf(text: string, times: number, least: number): Aim {
  return {
    text: `at least ${least}× ${text}`,
    found: `${formatNumber(times)}×`,
    met: times >= least,
  };
}
