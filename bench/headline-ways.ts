import * as fc from "fast-check";
import type { Client } from "pg";
import { timed } from "./measure.ts";
import { checkInvariant, ROWS, STEPS, type Shop, type Step, type Visit } from "./headline-shop.ts";

/** Steps of one sequence, first step first. */
export type Sequence = readonly Step[];

/** Every order of the steps of exactly that length: shorter ones are their beginnings. */
export function allSequences(length: number): readonly Sequence[] {
  if (length === 0) return [[]];
  return allSequences(length - 1).flatMap((start) => STEPS.map((step) => [...start, step]));
}

interface Real {
  readonly client: Client;
  readonly visit: Visit;
}

/** A command as fast-check's guide writes it; the API itself says what is possible when. */
class StepCommand implements fc.AsyncCommand<object, Real> {
  readonly step: Step;
  constructor(step: Step) {
    this.step = step;
  }
  check(): boolean {
    return true;
  }
  async run(_model: object, { client, visit }: Real): Promise<void> {
    await visit.step(this.step);
    await checkInvariant(client);
  }
  toString(): string {
    return this.step;
  }
}

/** Empties the tables and fills them again, in one round trip. */
const RESET = `TRUNCATE customers, products, orders, payments RESTART IDENTITY; ${ROWS}`;

/** Runs sequences by fast-check's model runner, each on tables that were filled anew. */
export async function runCommands(shop: Shop, sequences: readonly Sequence[]): Promise<number> {
  return timed(async () => {
    for (const sequence of sequences) {
      await shop.client.query(RESET);
      await fc.asyncModelRun(
        () => ({ model: {}, real: { client: shop.client, visit: shop.visit() } }),
        sequence.map((step) => new StepCommand(step)),
      );
    }
  });
}

/** What a run of random sequences came by. */
export interface RandomRun {
  readonly ms: number;
  readonly actionRuns: number;
  /** Different beginnings of sequences that were run. */
  readonly prefixes: number;
}

/** The same as it is used: fast-check draws the sequences. */
export async function runRandomCommands(
  shop: Shop,
  { runs, depth }: { readonly runs: number; readonly depth: number },
): Promise<RandomRun> {
  const met = new Set<string>();
  let actionRuns = 0;
  const commands = fc.commands(
    STEPS.map((step) => fc.constant(new StepCommand(step))),
    { maxCommands: depth, size: "max" },
  );
  const property = fc
    .asyncProperty(commands, async (drawn) => {
      const steps = [...drawn].map(String);
      actionRuns += steps.length;
      steps.forEach((_, index) => met.add(steps.slice(0, index + 1).join()));
      await fc.asyncModelRun(
        () => ({ model: {}, real: { client: shop.client, visit: shop.visit() } }),
        drawn,
      );
    })
    .beforeEach(async () => void (await shop.client.query(RESET)));
  const ms = await timed(() => fc.assert(property, { numRuns: runs, seed: 1 }));
  return { ms, actionRuns, prefixes: met.size };
}

/** Runs sequences, each in a transaction that is rolled back. */
export async function runInTransactions(
  { client, visit }: Shop,
  sequences: readonly Sequence[],
): Promise<number> {
  return timed(async () => {
    for (const sequence of sequences) {
      await client.query("BEGIN");
      const visitor = visit();
      for (const step of sequence) {
        await visitor.step(step);
        await checkInvariant(client);
      }
      await client.query("ROLLBACK");
    }
  });
}

/** How many states and transitions sequences come by; two orders are alike when they have one status. */
export async function countStates(
  { client, visit }: Shop,
  sequences: readonly Sequence[],
): Promise<{ readonly states: number; readonly transitions: number }> {
  const states = new Set<string>();
  const transitions = new Set<string>();
  for (const sequence of sequences) {
    await client.query("BEGIN");
    const visitor = visit();
    let from = await nameState(client);
    states.add(from);
    for (const step of sequence) {
      await visitor.step(step);
      const to = await nameState(client);
      states.add(to);
      transitions.add(`${from} ${step}`);
      from = to;
    }
    await client.query("ROLLBACK");
  }
  return { states: states.size, transitions: transitions.size };
}

/** The status of the client's own order, which is the last, and those of the others in any order. */
async function nameState(client: Client): Promise<string> {
  const { rows } = await client.query<{ status: string }>(
    "SELECT status FROM orders WHERE id > 1000 ORDER BY id DESC",
  );
  const [own, ...others] = rows.map(({ status }) => status);
  return [own, ...others.toSorted()].join();
}
