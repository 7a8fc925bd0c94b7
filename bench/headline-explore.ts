import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExplorationTimes } from "../test-fixtures/order-shop/times.ts";
import { openFixture } from "../test/support/run-fixture.ts";
import { median, timed } from "./measure.ts";
import type { BenchServer } from "./postgres-database.ts";

/** What `test.explore` takes for the shop's spec. */
export interface OurTimes {
  /** Of the only exploration of a run. */
  readonly coldMs: number;
  /** Of the later ones of a run that has many. */
  readonly warmMs: number;
  /** Of a run with one exploration, Vitest's start and end included. */
  readonly wholeMs: number;
  readonly branches: number;
}

/** Explorations in one worker, of which the later half counts as warm. */
export const ROUNDS = 10;

/**
 * Runs Vitest on the shop's spec twice: to explore it once, and many times.
 *
 * @param laterMs - So much longer each request takes.
 */
export async function exploreShop(server: BenchServer, laterMs: number): Promise<OurTimes> {
  await using fixture = openFixture("order-shop", "5");
  const file = join(fixture.folder, "times.json");
  const run = async (rounds: number): Promise<readonly ExplorationTimes[]> => {
    const env = {
      DATABASE_URL: server.url("postgres"),
      TIMES_FILE: file,
      ROUNDS: String(rounds),
      LATER_MS: String(laterMs),
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

/** The medians of several measurements. */
export function medianTimes(all: readonly OurTimes[]): OurTimes {
  return {
    coldMs: median(all.map(({ coldMs }) => coldMs)),
    warmMs: median(all.map(({ warmMs }) => warmMs)),
    wholeMs: median(all.map(({ wholeMs }) => wholeMs)),
    branches: median(all.map(({ branches }) => branches)),
  };
}
