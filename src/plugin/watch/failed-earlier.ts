import {
  type RunnerTestFile,
  type TestModule,
  experimental_getRunnerTask as taskOf,
} from "vitest/node";
import { type ExplorationNames, ownMeta } from "../../bridge.ts";
import { explorationsOf } from "../explorations.ts";
import { keyOf } from "./memory.ts";

/** More are not run first: they would not be looked at one by one either. */
const maxNames = 50;

/**
 * The branches that have failed since watching began: who repairs one goes on with what it is about,
 * and wants to know first when it fails again.
 */
export interface FailedEarlier {
  /** Takes them out of a module that has run; the last to fail come first. */
  readonly collect: (module: TestModule) => void;
  /** By module and the exploration's full name. */
  readonly names: () => Readonly<Record<string, ExplorationNames>>;
}

/** Starts without any. */
export function createFailedEarlier(): FailedEarlier {
  const modules: Record<string, ExplorationNames> = {};
  return {
    collect: (module) => {
      const key = keyOf(module);
      const earlier = modules[key] ?? {};
      const named = explorationsIn(taskOf(module)).map(({ name, failed }) => {
        const all = new Set([...failed, ...(earlier[name] ?? [])]);
        return [name, [...all].slice(0, maxNames)] as const;
      });
      modules[key] = Object.fromEntries(named);
    },
    names: () => modules,
  };
}

function explorationsIn(
  file: RunnerTestFile,
): readonly { readonly name: string; readonly failed: readonly string[] }[] {
  return explorationsOf(file).map(({ name, driver }) => {
    const branches = (driver.suite?.tasks ?? []).filter(
      ({ meta, result }) => ownMeta(meta)?.role === "branch" && result?.state === "fail",
    );
    return { name, failed: branches.map((branch) => branch.name) };
  });
}
