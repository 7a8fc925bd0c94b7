import type { Adapter, System } from "../src/adapters/adapter.ts";
import { explore } from "../src/explore/explore.ts";
import type { Action, Invariant, Subject } from "../src/explore/model.ts";
import { STRATEGIES } from "../src/explore/strategies/index.ts";
import { connectWorld } from "../src/fixtures/connect-world.ts";
import { worldSubject, type AnyArgs } from "../src/fixtures/subject.ts";
import { createWorkFolder } from "../src/provision/ownership/folders.ts";
import { provideNothing } from "../test/support/provision/nothing.ts";
import type { Table } from "./bench.ts";
import { median } from "./measure.ts";

/** What a part of the loop is made of; each millisecond is counted in one of them. */
export const PARTS = {
  actions: "the app's requests (actions)",
  rules: "the user's queries (invariants)",
  checkpoint: "checkpoint",
  rollback: "rollback",
  release: "giving checkpoints up",
  difference: "reading what changed",
  naming: "naming states",
  check: "self-check",
  rest: "search, and all else",
} as const;

export type Part = keyof typeof PARTS;

/** Of one exploration, by part. */
export interface LoopProfile {
  readonly transitions: number;
  readonly ms: Readonly<Record<Part, number>>;
  /** Round trips to the databases, where they were counted. */
  readonly trips: Readonly<Record<Part, number>>;
}

/** Charges what runs to a part of the loop. */
export interface Meter {
  readonly charge: <T>(part: Part, run: () => T | Promise<T>) => Promise<T>;
  /** The part that runs. */
  readonly partNow: () => Part;
  /** Counts a round trip for it. */
  readonly trip: () => void;
}

/** What is explored. */
export interface LoopSubject {
  readonly systems: (meter: Meter) => Readonly<Record<string, System<unknown>>>;
  readonly actions: (meter: Meter) => readonly Action<AnyArgs>[];
  readonly invariants: (meter: Meter) => readonly Invariant<AnyArgs>[];
  /** The folder that the options' paths begin at. */
  readonly root: string;
  readonly budget: { readonly depth: number; readonly maxTransitions: number };
}

interface FullMeter extends Meter {
  readonly start: () => void;
  readonly stop: () => Omit<LoopProfile, "transitions">;
}

/** Explores once, breadth first, and tells where the time went; start-up is not counted. */
export async function profileLoop(loop: LoopSubject): Promise<LoopProfile> {
  const meter = createMeter();
  const systems = Object.fromEntries(
    Object.entries(loop.systems(meter)).map(([name, system]) => [name, metered(system, meter)]),
  );
  await using live = await connectWorld(systems, {
    slot: `bench-${process.pid}`,
    root: loop.root,
    createFolder: createWorkFolder,
    provide: provideNothing,
  });
  const subject = worldSubject({
    live,
    context: {},
    fixtures: {},
    // The actions do not ask for it.
    tools: () => ({ expect: undefined as never, annotate: () => {} }),
    identity: undefined,
  });
  meter.start();
  const records = explore({
    subject: meteredSubject(subject, meter),
    actions: loop.actions(meter),
    invariants: loop.invariants(meter),
    strategy: STRATEGIES.breadthFirst,
    seed: 1,
    budget: { ...loop.budget, stepTimeoutMs: 5000 },
    signal: new AbortController().signal,
  });
  let step = await records.next();
  while (step.done !== true) step = await records.next();
  const spent = meter.stop();
  await subject.close();
  return { transitions: step.value.transitions, ...spent };
}

/** The parts as rows: milliseconds a transition, share and, where counted, round trips. */
export function profileTable(
  runs: readonly LoopProfile[],
  { withTrips }: { readonly withTrips: boolean },
): Pick<Table, "columns" | "rows"> {
  const each = (part: Part, what: "ms" | "trips"): number =>
    median(runs.map((run) => run[what][part] / run.transitions));
  const parts = Object.keys(PARTS) as Part[];
  const sum = (of: readonly Part[], what: "ms" | "trips"): number =>
    of.reduce((total, part) => total + each(part, what), 0);
  const row = (name: string, of: readonly Part[]): Table["rows"][number] => [
    name,
    sum(of, "ms"),
    `${Math.round((100 * sum(of, "ms")) / sum(parts, "ms"))} %`,
    ...(withTrips ? [sum(of, "trips")] : []),
  ];
  const ours = parts.filter((part) => part !== "actions" && part !== "rules");
  return {
    columns: ["part", "ms a transition", "share", ...(withTrips ? ["round trips"] : [])],
    rows: [
      ...parts.map((part) => row(PARTS[part], [part])),
      row("all", parts),
      row("ours: all but the first two", ours),
    ],
  };
}

/** The loop does one thing at a time, so what lies between call and answer is that part's. */
function createMeter(): FullMeter {
  let ms = emptyCounts();
  let trips = emptyCounts();
  let current: Part = "rest";
  let sinceMs = performance.now();

  function enter(part: Part): void {
    const now = performance.now();
    ms[current] += now - sinceMs;
    sinceMs = now;
    current = part;
  }

  return {
    charge: async (part, run) => {
      const outer = current;
      enter(part);
      try {
        return await run();
      } finally {
        enter(outer);
      }
    },
    partNow: () => current,
    trip: () => void (trips[current] += 1),
    start: () => {
      [ms, trips] = [emptyCounts(), emptyCounts()];
      sinceMs = performance.now();
    },
    stop: () => {
      enter("rest");
      return { ms, trips };
    },
  };
}

function emptyCounts(): Record<Part, number> {
  return Object.fromEntries(Object.keys(PARTS).map((part) => [part, 0])) as Record<Part, number>;
}

/** A difference that is not read to name a state is read to check one. */
function meteredSubject<Mark>(
  subject: Subject<AnyArgs, Mark>,
  { charge }: Meter,
): Subject<AnyArgs, Mark> {
  const { assertSettled, checkpoint, rollback, fingerprint } = subject;
  return {
    ...subject,
    checkpoint: () => charge("check", checkpoint),
    rollback: (to) => charge("check", () => rollback(to)),
    fingerprint: () => charge("naming", fingerprint),
    ...(assertSettled && { assertSettled: () => charge("check", assertSettled) }),
  };
}

function metered<Handle>(system: System<Handle>, meter: Meter): System<Handle> {
  return {
    ...system,
    connect: async (environment) => {
      const connected = await system.connect(environment);
      return { ...connected, adapter: meteredAdapter(connected.adapter, meter) };
    },
  };
}

function meteredAdapter(adapter: Adapter, { charge, partNow }: Meter): Adapter {
  // Inherited, not spread: a spread would read what it can do before it is open.
  return Object.assign(Object.create(adapter) as Adapter, {
    checkpoint: () => charge("checkpoint", adapter.checkpoint),
    settle: () => charge("rollback", adapter.settle),
    rollback: (to) => charge("rollback", () => adapter.rollback(to)),
    release: (checkpoint) => charge("release", () => adapter.release(checkpoint)),
    diff: (since) =>
      charge(partNow() === "naming" ? "difference" : "check", () => adapter.diff(since)),
    observe: (onText) => charge("check", () => adapter.observe(onText)),
  } satisfies Partial<Adapter>);
}
