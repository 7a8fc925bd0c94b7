import { resolve } from "node:path";
import {
  type TestCase,
  type TestModule,
  type Vitest,
  experimental_getRunnerTask as taskOf,
} from "vitest/node";
import { type Provided, driverMeta, fullTestName, moduleKey, ownMeta } from "../../bridge.ts";
import { digestOf, installRecords } from "./digests.ts";
import { isAt, slashed } from "./paths.ts";

/** Explorations by module and name, with the number of their branches. */
export type Unchanged = NonNullable<Provided["unchanged"]>;

/** What explorations were made of when they passed. Lives as long as Vitest's configuration does. */
export interface Memory {
  /** Called when a run begins. */
  readonly begin: () => void;
  /** Forgets an exploration, since it runs again. */
  readonly forget: (module: TestModule, name: string) => void;
  /** Keeps that an exploration has passed, unless something has changed since the run began. */
  readonly keep: (driver: TestCase, files: readonly string[]) => void;
  /** The explorations that would be what they were. */
  readonly unchanged: () => Unchanged;
}

interface Passed {
  readonly branches: number;
  /** By path. */
  readonly digests: ReadonlyMap<string, string>;
  /** The last change before the run. */
  readonly since: number;
}

/** The clock that dates files is that much behind ours at most. */
const CLOCK_MS = 20;

export function createMemory(vitest: Vitest): Memory {
  const passed = new Map<string, Map<string, Passed>>();
  const changes = createChanges(vitest);
  let start = { ms: 0, change: 0 };

  return {
    begin: () => {
      start = { ms: Date.now(), change: changes.last() };
    },
    forget: (module, name) => void passed.get(keyOf(module))?.delete(name),
    keep: (driver, files) => {
      const { suite, meta } = taskOf(driver);
      const { root } = driver.project.config;
      const watched = (driverMeta({ meta }).watch ?? []).map((name) => resolve(root, name));
      const paths = [...files, ...watched, ...installRecords(root)].map(slashed);
      const found = paths.map((path) => [path, digestOf(path)] as const);
      // What was run may be older than what is there now.
      if (suite === undefined || changes.last() > start.change) return;
      if (found.some(([, { changedMs }]) => changedMs > start.ms - CLOCK_MS)) return;
      const key = keyOf(driver.module);
      passed.set(
        key,
        (passed.get(key) ?? new Map<string, Passed>()).set(fullTestName(suite), {
          branches: suite.tasks.filter((task) => ownMeta(task.meta)?.role === "branch").length,
          digests: new Map(found.map(([path, { content }]) => [path, content])),
          since: start.change,
        }),
      );
    },
    unchanged: () => {
      const found: Record<string, Record<string, number>> = {};
      for (const [module, explorations] of passed) {
        for (const [name, { branches, digests, since }] of explorations) {
          const paths = [...digests.keys()];
          // Tests read what they import, and may read what else lies there.
          const others = changes
            .since(since)
            .some((file) => !paths.some((path) => isAt(path, file)));
          if (others || paths.some((path) => digestOf(path).content !== digests.get(path)))
            continue;
          (found[module] ??= {})[name] = branches;
        }
      }
      return found;
    },
  };
}

/** The files of the project that were written, made or removed, whoever did it. */
interface Changes {
  /** The number of the last one. */
  readonly last: () => number;
  readonly since: (number: number) => readonly string[];
}

function createChanges({ vite, config }: Vitest): Changes {
  const numbers = new Map<string, number>();
  const own = slashed(resolve(config.root, ".vitest"));
  let last = 0;
  vite.watcher.on("all", (_event, path) => {
    const file = slashed(path);
    if (isAt(own, file) || IS_PASSING.test(file)) return;
    last += 1;
    numbers.set(file, last);
  });
  return {
    last: () => last,
    since: (number) => [...numbers].flatMap(([file, at]) => (at > number ? [file] : [])),
  };
}

/** What editors put beside a file while they save it, and Python beside what it has loaded. */
const IS_PASSING = /(~|\.sw[a-z]|___jb_(tmp|old)___)$|\/(4913|\.#[^/]*)$|\/__pycache__(\/|$)/;

/** The key of a module in `Unchanged`. */
export function keyOf({ project, relativeModuleId }: TestModule): string {
  return moduleKey(project.name, relativeModuleId);
}
