import type { Adapter, Checkpoint } from "../../../src/adapters/adapter.ts";
import type { Random } from "../sqlite/random.ts";

/** A database's content: one sorted text per row, by table; counters included. */
export type Dump = Readonly<Record<string, readonly string[]>>;

/** A database that several connections write to at once, and what is to be done with it. */
export interface Run {
  readonly random: Random;
  readonly adapter: Adapter;
  readonly write: () => Promise<void>;
  readonly dump: () => Promise<Dump>;
  /** Whether a part of the dump is about counters, of which differences do not tell. */
  readonly isCounter: (name: string) => boolean;
}

interface Mark {
  readonly at: Checkpoint;
  readonly dump: Dump;
}

const MAX_LIVE = 10;

/** Goes to random nodes of a growing tree. Returns what was not as it should be; it ends there. */
export async function exploreTree(run: Run, count: number): Promise<unknown[]> {
  const { random, adapter, write, dump } = run;
  const live: Mark[] = [{ at: await adapter.checkpoint(), dump: await dump() }];
  const line: Mark[] = [...live];
  const parents = new Map<Mark, Mark | undefined>([[line[0] as Mark, undefined]]);
  const differences: unknown[] = [];
  for (let done = 1; done <= count && differences.length === 0; done += 1) {
    await write();
    if (random.chance(0.5)) {
      const mark = { at: await adapter.checkpoint(), dump: await dump() };
      parents.set(mark, line.at(-1));
      live.push(mark);
      line.push(mark);
      await write();
    }
    if (live.length > MAX_LIVE) {
      const [released] = live.splice(1 + random.below(live.length - 1), 1);
      if (released !== undefined) await adapter.release(released.at);
    }
    const above = line.filter((mark) => live.includes(mark));
    const since = random.pick(above as [Mark]);
    differences.push(...(await checkDiff(run, since, await dump())));
    const target = random.pick(live as [Mark, ...Mark[]]);
    await adapter.rollback(target.at);
    const actual = await dump();
    if (!isEqual(actual, target.dump)) differences.push({ done, ...compare(target.dump, actual) });
    differences.push(...(await adapter.diff(target.at)));
    line.splice(0);
    for (let mark: Mark | undefined = target; mark; mark = parents.get(mark)) line.unshift(mark);
  }
  return differences;
}

/** Goes down and back up to random ancestors. Returns what was not as it should be. */
export async function exploreStack(run: Run, count: number): Promise<unknown[]> {
  const { random, adapter, write, dump } = run;
  let stack: readonly [Mark, ...Mark[]] = [{ at: await adapter.checkpoint(), dump: await dump() }];
  const differences: unknown[] = [];
  for (let done = 1; done <= count && differences.length === 0; done += 1) {
    await write();
    if (random.chance(0.6)) {
      stack = [...stack, { at: await adapter.checkpoint(), dump: await dump() }];
    }
    await write();
    const target = random.pick(stack);
    differences.push(...(await checkDiff(run, target, await dump())));
    if (random.chance(0.4)) continue;
    await adapter.rollback(target.at);
    const actual = await dump();
    if (!isEqual(actual, target.dump)) differences.push({ done, ...compare(target.dump, actual) });
    stack = stack.slice(0, stack.indexOf(target) + 1) as [Mark, ...Mark[]];
  }
  return differences;
}

/** The difference has as many rows added and removed as two dumps tell. */
async function checkDiff(
  { adapter, isCounter }: Run,
  { at, dump }: Mark,
  now: Dump,
): Promise<unknown[]> {
  const told = await adapter.diff(at);
  // Dumps have no schema.
  const changes = told
    .filter(({ collection }) => collection !== "(schema)")
    .flatMap((it) => it.changes);
  const counted = {
    gone: changes.filter(({ before }) => before !== undefined).length,
    come: changes.filter(({ after }) => after !== undefined).length,
  };
  const rows = (of: Dump): readonly string[] =>
    Object.entries(of).flatMap(([name, texts]) =>
      isCounter(name) ? [] : texts.map((row) => `${name} ${row}`),
    );
  const expected = { gone: surplus(rows(dump), rows(now)), come: surplus(rows(now), rows(dump)) };
  return isEqual(counted, expected) ? [] : [{ counted, expected, ...compare(dump, now), told }];
}

/** Rows that the other list does not have. A row that went to another partition counts too. */
function surplus(of: readonly string[], other: readonly string[]): number {
  const rest = new Map<string, number>();
  for (const line of other) rest.set(line, (rest.get(line) ?? 0) + 1);
  return of.filter((line) => {
    const left = rest.get(line) ?? 0;
    rest.set(line, left - 1);
    return left <= 0;
  }).length;
}

function compare(expected: Dump, actual: Dump): object {
  const names = Object.keys(expected).filter((name) => !isEqual(expected[name], actual[name]));
  return Object.fromEntries(names.map((name) => [name, [expected[name], actual[name]]]));
}

/** Writes a difference, as far as a reader wants to see it. */
export function printDifference(difference: unknown): string {
  return JSON.stringify(difference).slice(0, 4000);
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
