import type { TestProject, TestSequencer, TestSpecification, Vitest } from "vitest/node";
import type { SharedFiles } from "../../bridge.ts";
import { findExplorations } from "./find-explorations.ts";

type Config = Vitest["config"];
type ShardOption = NonNullable<Config["shard"]>;

/** Takes what the shards share of a project's files, before a worker gets one of them. */
type Tell = (shared: SharedFiles) => void;

// By configuration: when that changes, Vitest makes its sequencer anew.
const told = new WeakMap<Config, Map<TestProject, Tell>>();

/**
 * Makes every shard of `--shard` run the files that have explorations, of which each then runs a part.
 * All else stays as Vitest divides it: other files, and in these the tests outside of explorations. */
export function shareFiles(project: TestProject, tell: Tell): void {
  const { config } = project.vitest;
  const { shard } = config;
  if (shard === undefined || shard.count < 2) return;
  const projects = told.get(config) ?? new Map<TestProject, Tell>();
  projects.set(project, tell);
  if (told.has(config)) return;
  told.set(config, projects);
  divideByExplorations(config, { ...shard, projects });
}

function divideByExplorations(
  config: Config,
  { projects, ...shard }: ShardOption & { readonly projects: ReadonlyMap<TestProject, Tell> },
): void {
  const restore = allowFewFiles(config);
  const Sequencer = config.sequence.sequencer;

  // A class, since Vitest makes an instance.
  config.sequence.sequencer = class {
    readonly #inner: TestSequencer;
    constructor(vitest: Vitest) {
      this.#inner = new Sequencer(vitest);
    }
    async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const { sort } = this.#inner;
      return sort.call(this.#inner, files);
    }
    async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
      restore();
      const own = await this.#inner.shard(files);
      const explorations = await findExplorations(files);
      if (explorations.size === 0) assertEnough(config, shard, files);
      for (const [project, tell] of projects) {
        const ofProject = [...explorations].filter((file) => file.project === project);
        tell({
          ...shard,
          files: Object.fromEntries(ofProject.map((file) => [file.moduleId, own.includes(file)])),
        });
      }
      return [...new Set([...own, ...explorations])];
    }
  };
}

/**
 * Keeps Vitest from refusing more shards than there are files, which is right only where no file is
 * shared. It does so right before it asks the sequencer, unless it may pass without tests.
 *
 * @returns Restores what the user has said about that.
 */
function allowFewFiles(config: Config): () => void {
  const { passWithNoTests } = config;
  config.passWithNoTests = true;
  const restore = (): void => void (config.passWithNoTests = passWithNoTests);
  // Without any file nobody asks the sequencer.
  config.reporters.push({
    onTestRunStart: (files) => (files.length === 0 ? restore() : undefined),
  });
  return restore;
}

/** In Vitest's own words. */
function assertEnough(config: Config, shard: ShardOption, files: readonly unknown[]): void {
  const { index, count } = shard;
  if (config.passWithNoTests || count <= files.length) return;
  throw new Error(
    "--shard <count> must be a smaller than count of test files. " +
      `Resolved ${files.length} test files for --shard=${index}/${count}.`,
  );
}
