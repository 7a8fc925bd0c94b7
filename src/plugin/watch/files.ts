import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type TestModule, type Vitest, experimental_getRunnerTask as taskOf } from "vitest/node";
import { driverMeta } from "../../bridge.ts";
import { explorationsOf } from "../explorations.ts";
import { isAt, slashed } from "./paths.ts";

/** The files that systems are made of; Vitest does not know them, since no test imports them. */
export interface WatchedFiles {
  /** Takes them out of a module that was collected. */
  readonly collect: (module: TestModule) => void;
}

/** Has Vitest run the modules again whose systems are made of a file that has changed. */
export function watchFiles(vitest: Vitest): WatchedFiles {
  const paths = new Map<string, readonly string[]>();
  const modulesWith = (file: string): readonly string[] =>
    [...paths]
      .filter(([, each]) => each.some((path) => isAt(path, file)))
      .map(([module]) => module);
  let isOurs = false;

  function testsToRun(file: string): string[] | undefined {
    const modules = isOurs ? [] : modulesWith(file);
    if (modules.length === 0) return undefined;
    if (!isImported(vitest, file)) return [...modules];
    // Only Vitest knows who imports it, and does not look when it is told what to run: so it is told
    // afterwards, as if the modules had changed themselves.
    queueMicrotask(() => {
      isOurs = true;
      for (const module of modules) vitest.watcher.onFileChange(module);
      isOurs = false;
    });
    return undefined;
  }

  // Not there unless the user has some, whatever its type says.
  const given: Partial<Pick<Vitest["config"], "watchTriggerPatterns">> = vitest.config;
  const others = given.watchTriggerPatterns ?? [];
  vitest.config.watchTriggerPatterns = [...others, { pattern: /$/, testsToRun }];
  return {
    collect: (module) => {
      // One that cannot be loaded has no tests: what it had is what it will have.
      if (module.errors().length > 0) return;
      const { root } = module.project.config;
      const found = explorationsOf(taskOf(module))
        .flatMap(({ driver }) => driverMeta(driver).watch ?? [])
        .map((name) => slashed(resolve(root, name)))
        .filter((path) => existsSync(path));
      paths.set(module.moduleId, found);
      // Vite watches its root already.
      const viteRoot = slashed(vitest.vite.config.root);
      vitest.vite.watcher.add(found.filter((path) => !isAt(viteRoot, path)));
    },
  };
}

function isImported({ projects }: Vitest, file: string): boolean {
  return projects.some(({ vite }) =>
    Object.values(vite.environments).some(
      ({ moduleGraph }) => (moduleGraph.getModulesByFile(file)?.size ?? 0) > 0,
    ),
  );
}
