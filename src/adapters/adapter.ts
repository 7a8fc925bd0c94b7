import type { Provide } from "../provision/server-request.ts";

/** A point in a system's history that it can return to. Opaque: only its adapter reads it. */
export interface Checkpoint {
  readonly id: number;
}

/** What a backend can and cannot undo. The explorer plans by these; the conformance suite proves them. */
export interface Capabilities {
  /** `stack`: only ancestors of the current state. `tree`: any checkpoint not yet released. */
  readonly history: "stack" | "tree";
  /** `server`: rollback undoes what any process wrote. `process`: only writes through the handle. */
  readonly scope: "process" | "server";
  /** Rollback undoes schema changes. */
  readonly schema: boolean;
  /** Rollback restores sequences and auto-increment counters. */
  readonly counters: boolean;
}

/** How a system will be rolled back, as `open` decided it. */
export interface Isolation {
  /** The mode's name as the user writes it, e.g. `undo`. */
  readonly mode: string;
  /** Why this mode: ends the sentence "isolation undo, because …". */
  readonly reason: string;
  /** What this mode does not roll back, one noun phrase each. */
  readonly notRestored: readonly string[];
}

/** A value as a backend returned it. Integers beyond 2^53 are bigints; binary data is bytes. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Value[]
  | { readonly [key: string]: Value };

/** A column of a collection, with what the catalogue knows about the origin of its values. */
export interface Column {
  readonly name: string;
  /**
   * `identity`: the backend or the app makes a new value for each row (auto-increment, primary key).
   * `time`: declared as a date or time. Absent: nothing is known; the value's shape may still tell.
   */
  readonly role?: "identity" | "time";
  /** What it holds gives access to something, as a cookie's value does: it is not to be shown. */
  readonly secret?: boolean;
  /** The identity column that values of this column point to. */
  readonly references?: { readonly collection: string; readonly column: string };
}

/** Values in the order of the collection's columns. */
export type Row = readonly Value[];

/** One row that differs: added (`before` absent), removed (`after` absent) or changed (both). */
export interface RowChange {
  readonly before?: Row;
  readonly after?: Row;
}

/** The net difference of one table, key space or other collection. Never empty. */
export interface CollectionDiff {
  readonly collection: string;
  readonly columns: readonly Column[];
  /** Ordered by key, so that equal differences print alike. */
  readonly changes: readonly RowChange[];
}

/** The net difference between two points of a system's history; empty when nothing differs. */
export type Diff = readonly CollectionDiff[];

/** The content of a system, small enough to compare: a digest per collection. */
export type Observation = Readonly<
  Record<string, { readonly size: number; readonly digest: string }>
>;

/**
 * One stateful system under exploration. Authors do not implement this: they write hooks and call
 * `defineAdapter`, which adds argument checks, lifecycle and errors.
 *
 * Order of calls: `open` once, then the verbs one at a time, then disposal (allowed at any moment,
 * also twice or before `open`).
 */
export interface Adapter extends AsyncDisposable {
  /** The key under which the user put the system into the world, e.g. `db`. */
  readonly name: string;
  /** Known once `open` has resolved; reading it earlier throws `EXPLORE_BUG`. */
  readonly capabilities: Capabilities;
  /** Prepares the system for rollback and says how. */
  readonly open: () => Promise<Isolation>;
  /** Marks the current state. Waits until no other connection has a transaction open. */
  readonly checkpoint: () => Promise<Checkpoint>;
  /**
   * Returns to a checkpoint; it stays usable. With `history: "stack"` later checkpoints are gone.
   *
   * @throws ExploreError `EXPLORE_CHECKPOINT_UNKNOWN` when `to` was released or discarded.
   */
  readonly rollback: (to: Checkpoint) => Promise<void>;
  /**
   * Ends what may still write to other systems: called before any system of the world is rolled back.
   * An app that died or hangs is started again here.
   */
  readonly settle: () => Promise<void>;
  /** Gives a checkpoint up, so that its resources can be freed. */
  readonly release: (checkpoint: Checkpoint) => Promise<void>;
  /**
   * Reads the whole content, by another way than the one rollback relies on. For the self-check.
   *
   * @param onText - Called with every text that is read, so that what was there at the start can be
   * told from what is made later.
   */
  readonly observe: (onText?: (text: string) => void) => Promise<Observation>;
  /** The net difference between an ancestor of the current state and now. Cost follows the change. */
  readonly diff: (since: Checkpoint) => Promise<Diff>;
}

/** What one world gives a system when it connects. */
export interface SystemEnvironment {
  /** The key under which the user put the system into the world, e.g. `db`. */
  readonly name: string;
  /** Unique among everything running on this machine now; safe in file and database names. */
  readonly slot: string;
  /** This run of Vitest: equal in all its workers, another one in every rerun. Absent: unknown. */
  readonly run?: string | undefined;
  /** An existing folder of this world's own, removed when the world is closed. */
  readonly directory: string;
  /** The folder that relative paths in options are resolved against: the Vitest project's root. */
  readonly root: string;
  /** Handles of the systems connected before this one, by name. */
  readonly handles: Readonly<Record<string, unknown>>;
  /** Finds or starts a server, for a system whose user named none. */
  readonly provide: Provide;
}

/** A system once it is connected: what the user holds, and what the explorer holds. */
export interface ConnectedSystem<Handle> {
  readonly handle: Handle;
  readonly adapter: Adapter;
  /** Present when the system prints something that explains a failing step, as an app's process does. */
  readonly output?: SystemOutput;
  /** Present when the system is asked by requests that explain a step, as an app is over HTTP. */
  readonly exchanges?: SystemExchanges;
}

/** What a system has printed lately. A step marks before it runs and reads what came since. */
export interface SystemOutput {
  /** The end of what has been printed so far. */
  readonly mark: () => number;
  /** The text printed after `mark`; only its last part when more was printed than is kept. */
  readonly since: (mark: number) => string;
  /** Resolves when what was printed before the last response has arrived, as far as can be told. */
  readonly arrived: () => Promise<void>;
}

/** A request to a system and what came back, as they went over the wire; long bodies are cut. */
export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly requestHeaders: ExchangeHeaders;
  readonly requestBody: ExchangeBody | undefined;
  /** Absent: no response has come, or none yet. */
  readonly response?: {
    readonly status: number;
    readonly headers: ExchangeHeaders;
    readonly body: ExchangeBody;
  };
  /** Why no response has come. */
  readonly error?: string;
}

/** By lower-case name. */
export type ExchangeHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The beginning of a body. */
export interface ExchangeBody {
  readonly content: string | Uint8Array;
  /** Characters or bytes of the whole body. */
  readonly length: number;
}

/** What a system was asked lately. A step marks before it runs and reads what came since. */
export interface SystemExchanges {
  /** How many there have been so far. */
  readonly mark: () => number;
  /** Those begun after `mark`, in order; only the last ones when more were begun than are kept. */
  readonly since: (mark: number) => readonly Exchange[];
}

/** What makes a system what it is when a world begins, besides the modules that the test imports. */
export interface SystemInputs {
  /** Files and folders, relative to the project's root. A change of one runs the tests again. */
  readonly paths: readonly string[];
  /** There is nothing else, so that nothing can have changed when these have not. */
  readonly complete: boolean;
}

/**
 * A system as the user declares it in `createTest`. Inert until `connect`: nothing starts for a
 * file whose tests do not use the world.
 */
export interface System<Handle> {
  /** The backend, e.g. `sqlite`. */
  readonly kind: string;
  /** There can be only one at a time, so concurrent explorations must wait for each other. */
  readonly exclusive: boolean;
  /** Of an exclusive one: each process has one of its own, since the test file makes it. */
  readonly isPerProcess?: boolean;
  /** `app`s connect after all `store`s, whatever the order in the spec, since they need their handles. */
  readonly stage: "store" | "app";
  /** Absent: nothing is known about it. */
  readonly inputs?: SystemInputs;
  readonly connect: (environment: SystemEnvironment) => Promise<ConnectedSystem<Handle>>;
}
