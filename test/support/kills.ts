import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { processesIn } from "./process-table.ts";
import type { Fixture, StartedRun } from "./run-fixture.ts";
import { createRandom } from "./sqlite/random.ts";

/** More of both for a hunt: `EXPLORE_KILLS=20 EXPLORE_SEED=7 npx vitest run test/e2e/kills.test.ts`. */
const { EXPLORE_KILLS = "1", EXPLORE_SEED = "1" } = process.env;

/** How long after the app was started a process is killed at most: the exploration takes longer. */
const LATEST_MS = 900;

/** Milliseconds after the app was started, one for each round. */
export function momentsOf(title: string): readonly number[] {
  const seed = Buffer.from(title).reduce(
    (sum, byte) => (Math.imul(sum, 31) + byte) >>> 0,
    Number(EXPLORE_SEED),
  );
  const random = createRandom(seed);
  return Array.from({ length: Number(EXPLORE_KILLS) }, () => 1 + random.below(LATEST_MS));
}

/** A run that is to be hit. */
export interface Hit {
  readonly fixture: Fixture;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly pidOf: (run: StartedRun) => number | undefined;
  readonly afterMs: number;
}

/**
 * Explores, kills a process some time after the app was started, and has the run end.
 *
 * @returns The milliseconds after which it was killed: less than asked for on a machine that is
 * faster than was thought of.
 */
export async function killInRun(hit: Hit): Promise<number> {
  for (let { afterMs } = hit; afterMs > 0.1; afterMs /= 2) {
    if (await isHit({ ...hit, afterMs })) return afterMs;
  }
  throw new Error("the runs were over before anything could be killed");
}

async function isHit({ fixture, args = [], env, pidOf, afterMs }: Hit): Promise<boolean> {
  const run = fixture.start(args, { env });
  let hasEnded = false;
  const ended = run.ended.finally(() => (hasEnded = true));
  await expect
    .poll(() => findProcess(fixture.folder, "app"), { timeout: 60_000, interval: 10 })
    .not.toBe(undefined);
  await sleep(afterMs);
  const pid = pidOf(run);
  if (pid === undefined && !hasEnded) throw new Error("there is nothing to be killed");
  if (hasEnded || pid === undefined) return false;
  process.kill(pid, "SIGKILL");
  await ended;
  return true;
}

const COMMANDS = {
  worker: /workers\/forks\.js$/,
  app: /^node server\.js/,
  postgres: /postgres -D /,
  mysql: /(mariadbd|mysqld) /,
  redis: /redis-server /,
};

/** A process that works in a folder or below it. */
export function findProcess(folder: string, which: keyof typeof COMMANDS): number | undefined {
  return processesIn(folder).find(({ command }) => COMMANDS[which].test(command))?.pid;
}

/** What is left in the folder for temporary files, but for what is kept to start servers faster. */
export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.includes("/templates/"));
}
