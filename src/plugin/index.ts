// Adds `configureVitest` to the type of a Vite plugin.
/// <reference types="vitest/config" />
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { TestProject, Vite, Vitest } from "vitest/node";
import { BRIDGE_KEY, type Provided, type SharedFiles } from "../bridge.ts";
import { createBranchNames } from "./branch-index.ts";
import { createBranchReporter } from "./branch-reporter.ts";
import { sweepLeftovers } from "../provision/ownership/sweep.ts";
import { besides } from "./besides.ts";
import { brokerAddress } from "./broker.ts";
import { type ExploreOptions, checkOptions } from "./options.ts";
import { shareFiles } from "./sharing/share-files.ts";
import { wantReports } from "./want-reports.ts";
import { watchExplorations } from "./watch/index.ts";

export type { ExploreOptions } from "./options.ts";

/**
 * Makes `test.explore` work: reports each branch as a test case, in every pool and reporter.
 *
 * @param options - Unknown ones are refused.
 * @throws ExploreError `EXPLORE_USAGE` when an option does not exist or has a wrong value.
 * @example
 * // vitest.config.ts
 * import { defineConfig } from "vitest/config";
 * import explore from "vitest-explore";
 *
 * export default defineConfig({ plugins: [explore()] });
 */
export default function explore(options: ExploreOptions = {}): Vite.Plugin {
  const { report, workers, rerunUnchanged } = checkOptions(options);
  return {
    name: "vitest-explore",
    configureVitest: ({ vitest, project }) => {
      const indexFile = join(vitest.vite.config.cacheDir, "vitest-explore", "branches.json");
      const broker = brokerAddress(vitest);
      const watching = watchExplorations(vitest);
      // A report shows what was run; the last one shall not be replaced by less.
      const leavesOut = !rerunUnchanged && report.size === 0 ? watching : undefined;
      prepareProject(project, () => ({
        indexFile,
        ...(watching && { failedEarlier: watching.failedEarlier() }),
        ...(leavesOut && { unchanged: leavesOut.unchanged() }),
        ...(broker !== undefined && { broker }),
        isTerminal: process.stdout.isTTY,
        wantsTraces: report.size > 0,
        workers,
      }));
      wantReports(project, report);
      attachReporter(vitest, indexFile);
    },
  };
}

// Here and not in the `config` hook: inline projects of Vitest 5 share the root's Vite server, so
// what a `config` hook returns does not reach them.
function prepareProject(
  project: TestProject,
  provided: () => Omit<Provided, "root" | "run">,
): void {
  project.config.runner ??= besides(import.meta.url, "../fixtures/runner");
  project.config.includeTaskLocation = true;
  let shared: SharedFiles | undefined;
  const renew = (): void => {
    const own = { root: project.config.root, run: randomUUID(), ...(shared && { shared }) };
    project.provide(BRIDGE_KEY, { ...provided(), ...own });
  };
  renew();
  shareFiles(project, (files) => {
    shared = files;
    renew();
  });
  // Vitest asks for what is provided each time it gives a worker its files.
  project.vitest.config.reporters.push({ onTestRunStart: renew });
}

// By configuration: when that changes, Vitest makes its reporters anew.
const attached = new WeakSet<Vitest["config"]>();

function attachReporter(vitest: Vitest, indexFile: string): void {
  if (attached.has(vitest.config)) return;
  attached.add(vitest.config);
  const sweep = (): Promise<void> => sweepQuietly(vitest);
  void sweep();
  vitest.onClose(sweep);
  if (!canRegister(vitest)) {
    vitest.logger.warn(
      `vitest-explore does not know Vitest ${vitest.version}: branches are reported by sending the whole file again, which is slow.`,
    );
    return;
  }
  const reporter = createBranchReporter(vitest, {
    names: createBranchNames(indexFile),
    sweep,
  });
  // Vitest has merged `--reporter` by now, and ours must come first.
  vitest.config.reporters.unshift(reporter);
}

/** Removes what killed workers left behind, of this run or of an earlier one. */
async function sweepQuietly({ logger }: Vitest): Promise<void> {
  try {
    await sweepLeftovers();
  } catch (error) {
    // Leftovers cost space, no more: a run must not fail because of them.
    logger.warn(
      `vitest-explore could not remove what an earlier run left behind: ${String(error)}`,
    );
  }
}

/** The parts of `state` that registering a case needs are documented as experimental. */
function canRegister({ state }: Vitest): boolean {
  const known: Partial<Pick<Vitest["state"], "updateId" | "idMap">> = state;
  return typeof known.updateId === "function" && known.idMap instanceof Map;
}
