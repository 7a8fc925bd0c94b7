import { afterEach, beforeEach } from "vitest";
import { ExploreError } from "../../errors.ts";
import type { Adapter, Capabilities, Checkpoint, Observation } from "../adapter.ts";

/** A system made for one test, and what the suite does to it from outside. */
export interface ConformanceSubject {
  /** Connected, not opened: the suite opens it. */
  readonly adapter: Adapter;
  /** Changes the content, so that the next `diff` has `value` somewhere in an `after`. */
  readonly write: (value: string) => unknown;
  /** Commits the same through another connection or process. Needed when `scope` is `server`. */
  readonly writeElsewhere?: (value: string) => unknown;
  /** Adds a table, column or the like. Needed when `schema` is true. */
  readonly changeSchema?: () => unknown;
  /** Has the system generate a value and returns it. Needed when `counters` is true. */
  readonly nextCounter?: () => unknown;
  /** Runs after the adapter was disposed. */
  readonly cleanUp?: () => unknown;
}

/** What the suite needs to know of an adapter. */
export interface ConformanceOptions {
  /**
   * Written again, on purpose: the suite compares them with the adapter's own, so that a silent
   * change fails. They also decide which laws are tested.
   */
  readonly capabilities: Capabilities;
  /** Called once per test; each subject is isolated from all others. */
  readonly create: () => Promise<ConformanceSubject>;
}

/** A checkpoint and what was observed there. */
export interface Seen {
  readonly at: Checkpoint;
  readonly seen: Observation;
}

/** The subject of the running test. */
export interface Session {
  readonly subject: () => ConformanceSubject;
  readonly adapter: () => Adapter;
  /** Opens the adapter and marks the initial state. */
  readonly root: () => Promise<Seen>;
  /** Writes and marks the state it leads to. */
  readonly step: (value: string) => Promise<Seen>;
}

/** Makes a subject before each test and removes it after. */
export function createSession({ create }: ConformanceOptions): Session {
  let current: ConformanceSubject | undefined;

  beforeEach(async () => {
    current = await create();
  });

  afterEach(async () => {
    await current?.adapter[Symbol.asyncDispose]();
    await current?.cleanUp?.();
  });

  function subject(): ConformanceSubject {
    if (current === undefined) throw new Error("there is no subject outside a test");
    return current;
  }

  async function look(): Promise<Seen> {
    const { adapter } = subject();
    return { at: await adapter.checkpoint(), seen: await adapter.observe() };
  }

  return {
    subject,
    adapter: () => subject().adapter,
    root: async () => {
      await subject().adapter.open();
      return look();
    },
    step: async (value) => {
      await subject().write(value);
      return look();
    },
  };
}

/** A capability without a way to test it is a claim without proof. */
export function needed<T>(hook: T | undefined, name: string): T {
  if (hook !== undefined) return hook;
  throw new ExploreError(
    "EXPLORE_USAGE",
    `describeAdapter: a declared capability needs \`${name}\`.`,
  );
}

/** Writes any diff or row as text, to search it. */
export function print(value: unknown): string {
  return JSON.stringify(value, (_key, it: unknown) => (typeof it === "bigint" ? `${it}n` : it));
}
