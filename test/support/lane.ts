import { spawnSync } from "node:child_process";
import { describe, test } from "vitest";

/** Says why the machine cannot run a lane; `undefined` when it can. */
export type Probe = () => string | undefined | Promise<string | undefined>;

/**
 * Declares tests that need something of the machine. Where it is missing, one skipped test stands
 * for all of them and gives the reason. With CI=true it fails instead: what CI cannot run, it must
 * not call green.
 */
export function lane(name: string, probe: Probe, tests: () => void): void {
  describe(name, async () => {
    await declareTests(probe, tests, fail);
  });
}

/**
 * The same for what no machine is expected to have, e.g. a container engine: without it, it is
 * skipped in CI too.
 */
export function optionalLane(name: string, probe: Probe, tests: () => void): void {
  describe(name, async () => {
    await declareTests(probe, tests, () => {});
  });
}

async function declareTests(
  probe: Probe,
  tests: () => void,
  inCi: (reason: string) => void,
): Promise<void> {
  const reason = await probe();
  if (reason === undefined) return tests();
  test("this machine can run the lane", ({ skip }) => {
    if (isCi()) inCi(reason);
    skip(reason);
  });
}

function fail(reason: string): never {
  throw new Error(`${reason}. With CI=true every lane must run.`);
}

/**
 * A probe that runs a program, by default with `--version`.
 *
 * @param args - Must make the program end by itself with exit code 0.
 */
export function needs(program: string, args: readonly string[] = ["--version"]): Probe {
  return () => {
    const { status, error } = spawnSync(program, args, { stdio: "ignore", timeout: 30_000 });
    if (error !== undefined) return `${program} is not on PATH (${error.message})`;
    return status === 0 ? undefined : `${[program, ...args].join(" ")} ended with ${status}`;
  };
}

function isCi(): boolean {
  const { CI = "" } = process.env;
  return CI !== "" && CI !== "false";
}
