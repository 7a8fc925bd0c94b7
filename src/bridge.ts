import type { ShardReport } from "./trace/shard-report.ts";

/** The key under which the plugin's values reach the worker, and our data in a task's `meta`. */
export const BRIDGE_KEY = "vitest-explore";

/** The type of the artifact that carries branches from the worker to the main process. */
export const BRANCHES_ARTIFACT = "vitest-explore:branches";

/** The type of the artifact that carries an exploration's trace from the worker to the main process. */
export const TRACE_ARTIFACT = "vitest-explore:trace";

/** The type of the artifact that tells the main process what an exploration was made of. */
export const INPUTS_ARTIFACT = "vitest-explore:inputs";

/** What the plugin hands to every worker. Absent when the plugin is not in `vitest.config.ts`. */
export interface Provided {
  /** Where the names of the branches of earlier runs are kept: a `BranchIndex` as JSON. */
  readonly indexFile: string;
  /** The folder that relative paths in a spec are resolved against. */
  readonly root: string;
  /** This run of Vitest: another one whenever tests are run again. */
  readonly run: string;
  /** Where the broker listens; absent when it could not. */
  readonly broker?: string;
  /** Somebody watches the run on a terminal. */
  readonly isTerminal?: boolean;
  /** Some report is made of the traces of explorations. */
  readonly wantsTraces?: boolean;
  /** How many workers explore, where the spec does not say. */
  readonly workers?: number;
  /**
   * Explorations by module and full name, with how many branches each has, that have passed and would
   * be the same again: they are left out. Absent: nobody asks what explorations are made of.
   */
  readonly unchanged?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Branches, by module, that have failed since watching began, though they may pass now. */
  readonly failedEarlier?: Readonly<Record<string, ExplorationNames>>;
  /** Set with `--shard`. */
  readonly shared?: SharedFiles;
}

/** The files of a project of which each shard runs a part. */
export interface SharedFiles {
  /** From 1. */
  readonly index: number;
  readonly count: number;
  /** By path: whether what is no exploration in the file is run by this shard. */
  readonly files: Readonly<Record<string, boolean>>;
}

/** Branch names of earlier runs, by module. */
export interface BranchIndex {
  readonly version: 1;
  readonly modules: Readonly<Record<string, ExplorationNames>>;
  /** Those that failed when they were run last. */
  readonly failed?: Readonly<Record<string, ExplorationNames>>;
}

/** Branch names of one module, by the exploration's full name. */
export type ExplorationNames = Readonly<Record<string, readonly string[]>>;

/** What a driver's `meta` says. */
export interface DriverMeta {
  readonly role: "driver";
  /** As declared, parents included; Vitest overwrites the task's own mode when it filters. */
  readonly declared: "run" | "off";
  /** The whole exploration has run to its end, so its branches are all there are. */
  readonly whole?: boolean;
  /** How the exploration ended; absent as long as it has not. */
  readonly summary?: {
    readonly outcome: "exhausted" | "budget" | "violation";
    readonly complete: boolean;
    readonly states: number;
    readonly transitions: number;
  };
  /** The exploration's `Trace` as JSON, in blob reports only: the run that merges them wants it. */
  readonly trace?: string;
  /** Files and folders, besides modules, a change of which runs the exploration again. */
  readonly watch?: readonly string[];
  /** What a shard has run of the exploration, until the reports of all are merged. */
  readonly shard?: ShardReport;
}

/** What a branch's `meta` says; reporters that print `meta` show it. */
export interface BranchMeta {
  readonly role: "branch";
  /** `0/2/1`; absent when the branch is only known from an earlier run. */
  readonly path?: string;
  /** The kind of its failure, when it failed. */
  readonly failure?: string;
  /** The name of the rule that does not hold, or that threw. */
  readonly invariant?: string;
  /** Names the state that its last step starts in, where shards share the exploration. */
  readonly from?: string;
}

/** A branch that the main process does not know yet. */
export interface BranchCase {
  readonly id: string;
  readonly name: string;
  readonly meta: BranchMeta;
  readonly location?: { readonly line: number; readonly column: number };
}

/** What became of a branch: sent along only when no runner of ours can send it Vitest's own way. */
export interface BranchUpdate {
  readonly id: string;
  /** Vitest's `RunnerTaskResult`. */
  readonly result: object;
  readonly meta: object;
  readonly events: readonly ("test-prepare" | "test-finished")[];
  /** Vitest's `TestAnnotation`s. */
  readonly annotations: readonly object[];
}

/** The message from a driver to the reporter in the main process. */
export interface BranchesArtifact {
  type: typeof BRANCHES_ARTIFACT;
  cases: readonly BranchCase[];
  updates?: readonly BranchUpdate[];
  /** How far the exploration has come, in a line, for a terminal. */
  progress?: string | undefined;
  /** Set by the reporter: the answer that tells the worker that somebody listens. */
  registered?: boolean;
}

/** The message from a driver that has a trace. */
export interface TraceArtifact {
  type: typeof TRACE_ARTIFACT;
  /** A `Trace` as JSON; emptied by who takes it, so that it does not travel back. */
  trace: string;
}

/** The message from a driver whose exploration has passed and knows all that it was made of. */
export interface InputsArtifact {
  type: typeof INPUTS_ARTIFACT;
  /** Of modules; those of systems are in the driver's `meta`. */
  files: readonly string[];
}

declare module "vitest" {
  interface ProvidedContext {
    "vitest-explore": Provided;
  }
  interface TestArtifactRegistry {
    "vitest-explore:branches": BranchesArtifact;
    "vitest-explore:inputs": InputsArtifact;
    "vitest-explore:trace": TraceArtifact;
  }
}

/**
 * The id of a branch's case. It begins with its file's id, since Vitest's UI clears cases by that
 * prefix, and depends on nothing but names, so that one branch can be run again by id.
 */
export function branchId(suiteId: string, branch: string): string {
  return `${suiteId}_x${digest(branch)}`;
}

/** 64 bits of a text, in base 36: two multiplicative hashes side by side. */
function digest(text: string): string {
  let left = 0xdeadbeef;
  let right = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    left = Math.imul(left ^ unit, 2654435761);
    right = Math.imul(right ^ unit, 1597334677);
  }
  return (right >>> 0).toString(36) + (left >>> 0).toString(36);
}

/** What both processes read of a task of Vitest's. */
interface AnyTask {
  readonly type: string;
  readonly meta: object;
}

/** What both processes read of a suite of Vitest's. */
interface AnySuite<Task extends AnyTask> {
  readonly id: string;
  readonly name: string;
  readonly fullName: string;
  readonly fullTestName?: string | undefined;
  readonly file: unknown;
  readonly tags?: readonly string[] | undefined;
  readonly tasks: readonly Task[];
}

/**
 * Makes the task of a branch as Vitest itself would have collected it.
 *
 * @typeParam Task - Vitest's tasks; the result is the kind of them that is a test.
 */
export function branchTask<Task extends AnyTask>(
  suite: AnySuite<Task>,
  branch: BranchCase,
): Task & { readonly type: "test" } {
  const task = {
    id: branch.id,
    name: branch.name,
    type: "test",
    mode: "run",
    suite,
    file: suite.file,
    timeout: 0,
    fullName: `${suite.fullName} > ${branch.name}`,
    fullTestName: `${fullTestName(suite)} > ${branch.name}`,
    meta: metaOf(branch.meta),
    annotations: [],
    artifacts: [],
    benchmarks: [],
    tags: suite.tags ?? [],
    ...(branch.location && { location: branch.location }),
    // Never entered: what runs in a branch is the exploration, not a test function.
    context: {},
  };
  return task as unknown as Task & { readonly type: "test" };
}

/** The names from the outermost suite to this one, joined by ` > `. */
export function fullTestName(suite: {
  readonly name: string;
  readonly fullTestName?: string | undefined;
}): string {
  return suite.fullTestName ?? suite.name;
}

/** Wraps our part of a task's `meta`. */
export function metaOf(own: DriverMeta | BranchMeta): object {
  return { [BRIDGE_KEY]: own };
}

/** Our part of a task's `meta`, `undefined` for everybody else's tasks. */
export function ownMeta(meta: object): DriverMeta | BranchMeta | undefined {
  return (meta as { readonly [BRIDGE_KEY]?: DriverMeta | BranchMeta })[BRIDGE_KEY];
}

/** What the `meta` of a driver says. */
export function driverMeta({ meta }: { readonly meta: object }): DriverMeta {
  const own = ownMeta(meta);
  return own?.role === "driver" ? own : { role: "driver", declared: "run" };
}

/** The driver among the tasks of a suite, `undefined` when the suite is no exploration. */
export function driverOf<Task extends AnyTask>(
  suite: AnySuite<Task>,
): (Task & { readonly type: "test" }) | undefined {
  const isDriver = (task: Task): task is Task & { readonly type: "test" } =>
    task.type === "test" && ownMeta(task.meta)?.role === "driver";
  return suite.tasks.find(isDriver);
}

/** The key of a module in the index. */
export function moduleKey(project: string, file: string): string {
  return project === "" ? file : `${project}:${file}`;
}
