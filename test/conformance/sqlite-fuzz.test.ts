import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Adapter, Checkpoint } from "../../src/adapters/adapter.ts";
import { connect } from "../support/sqlite/connect.ts";
import type { Dump } from "../support/sqlite/dump.ts";
import { createDump } from "../support/sqlite/dump.ts";
import { testFolder } from "../support/sqlite/folder.ts";
import type { Random } from "../support/sqlite/random.ts";
import { createRandom } from "../support/sqlite/random.ts";
import type { FuzzSchema } from "../support/sqlite/random-schema.ts";
import { randomSchema } from "../support/sqlite/random-schema.ts";
import { randomBatch, randomSchemaChange } from "../support/sqlite/random-writes.ts";
import { startWriter } from "../support/sqlite/writer.ts";

const given = process.env["EXPLORE_FUZZ_SEED"];
const seeds = given === undefined ? [1, 2, 3, 4, 5, 6, 7, 8] : [Number(given)];
const rollbacks = Number(process.env["EXPLORE_FUZZ_ROLLBACKS"] ?? 2000);
const MAX_LIVE = 12;

interface Mark {
  readonly at: Checkpoint;
  readonly dump: Dump;
}

/** A database that two other processes have open, and what is to be done with it. */
interface Run {
  readonly random: Random;
  readonly adapter: Adapter;
  readonly write: () => Promise<void>;
  readonly dump: () => Dump;
}

describe("what two other processes write to random schemas is rolled back", () => {
  test.for(seeds)("seed %i", { timeout: 3_600_000 }, async (seed) => {
    const run = await start(seed);

    const differences = await explore(run, Math.ceil(rollbacks / seeds.length));

    expect(differences).toEqual([]);
  });
});

describe("what the handle's connection writes is rolled back by savepoints", () => {
  test.for([11, 12, 13])("seed %i", { timeout: 3_600_000 }, async (seed) => {
    const run = await startSavepoints(seed);

    const differences = await exploreStack(run, Math.ceil(rollbacks / 10));

    expect(differences).toEqual([]);
  });
});

async function start(seed: number): Promise<Run> {
  const random = createRandom(seed);
  const schema = randomSchema(random);
  const folder = testFolder();
  const original = join(folder, "original.db");
  createOriginal(original, random, schema);
  const { handle, adapter } = await connect({ path: original, quiescenceMs: 10_000 }, folder);
  const [one, other] = [await startWriter(handle.path), await startWriter(handle.path)];
  onTestFinished(async () => {
    await one.stop();
    await other.stop();
  });
  const dump = createDump(handle.path);
  onTestFinished(dump.close);
  const { mode } = await adapter.open();
  expect(mode).toBe("undo");
  return {
    random,
    adapter,
    dump: dump.read,
    write: async () => {
      const batches = [randomBatch(random, schema), randomBatch(random, schema)] as const;
      await Promise.all([one.write(batches[0]), other.write(batches[1])]);
      if (random.chance(0.005)) await one.write([randomSchemaChange(random, schema)]);
    },
  };
}

async function startSavepoints(seed: number): Promise<Run> {
  const random = createRandom(seed);
  const schema = randomSchema(random);
  const folder = testFolder();
  const original = join(folder, "original.db");
  createOriginal(original, random, schema);
  const { handle, adapter } = await connect({ path: original, isolation: "savepoint" }, folder);
  const app = handle.connection as Database.Database;
  await adapter.open();
  const skipped = /^(BEGIN|COMMIT|ROLLBACK|VACUUM)/;
  return {
    random,
    adapter,
    dump: createDump(app).read,
    write: async () => {
      const statements = [...randomBatch(random, schema)];
      if (random.chance(0.02)) statements.push(randomSchemaChange(random, schema));
      for (const sql of statements) if (!skipped.test(sql)) tryTo(app, sql);
    },
  };
}

function tryTo(db: Database.Database, sql: string): void {
  try {
    db.exec(sql);
  } catch {
    // Many random statements break a constraint.
  }
}

function createOriginal(file: string, random: Random, schema: FuzzSchema): void {
  const db = new Database(file);
  if (random.chance(0.5)) db.pragma("journal_mode = WAL");
  db.exec(schema.sql);
  for (let count = 0; count < 100; count += 1) {
    for (const sql of randomBatch(random, schema)) tryTo(db, sql);
  }
  if (db.inTransaction) db.exec("COMMIT");
  db.close();
}

/** Goes to random nodes of a growing tree. Returns what was not as it should be; it ends there. */
async function explore({ random, adapter, write, dump }: Run, count: number): Promise<unknown[]> {
  const live: Mark[] = [{ at: await adapter.checkpoint(), dump: dump() }];
  const differences: unknown[] = [];
  for (let done = 1; done <= count && differences.length === 0; done += 1) {
    await write();
    if (random.chance(0.5)) live.push({ at: await adapter.checkpoint(), dump: dump() });
    if (live.length > MAX_LIVE) {
      const [released] = live.splice(1 + random.below(live.length - 1), 1);
      if (released !== undefined) await adapter.release(released.at);
    }
    const target = random.pick(live as [Mark, ...Mark[]]);
    if (random.chance(0.2)) differences.push(...(await checkDiff(adapter, target, dump())));
    await adapter.rollback(target.at);
    const actual = dump();
    if (!isEqual(actual, target.dump)) differences.push({ done, expected: target.dump, actual });
    if (random.chance(0.1)) differences.push(...(await adapter.diff(target.at)));
  }
  return differences;
}

/** Goes down and back up to random ancestors. Returns what was not as it should be. */
async function exploreStack(
  { random, adapter, write, dump }: Run,
  count: number,
): Promise<unknown[]> {
  let stack: readonly [Mark, ...Mark[]] = [{ at: await adapter.checkpoint(), dump: dump() }];
  const differences: unknown[] = [];
  for (let done = 1; done <= count && differences.length === 0; done += 1) {
    await write();
    if (random.chance(0.7)) stack = [...stack, { at: await adapter.checkpoint(), dump: dump() }];
    if (random.chance(0.5)) await write();
    const target = random.pick(stack);
    if (random.chance(0.5)) differences.push(...(await checkDiff(adapter, target, dump())));
    const [first, ...others] = stack;
    const released = others.find((mark) => mark !== target && random.chance(0.1));
    if (released !== undefined) {
      await adapter.release(released.at);
      stack = [first, ...others.filter((mark) => mark !== released)];
    }
    if (random.chance(0.4)) continue;
    await adapter.rollback(target.at);
    const actual = dump();
    if (!isEqual(actual, target.dump)) differences.push({ done, expected: target.dump, actual });
    stack = [first, ...others.filter(({ at }) => at.id <= target.at.id && at !== released?.at)];
  }
  return differences;
}

/** A difference is told exactly when there is one, wherever the checkpoint is in the tree. */
async function checkDiff(adapter: Adapter, { at, dump }: Mark, now: Dump): Promise<unknown[]> {
  const told = await adapter.diff(at);
  const isSame = isEqual(withoutCounters(dump), withoutCounters(now));
  return (told.length === 0) === isSame ? [] : [{ told, expected: dump, actual: now }];
}

/** Counters are generated values, which diff does not tell. */
function withoutCounters({ tables, ...rest }: Dump): unknown {
  return { ...rest, tables: { ...tables, sqlite_sequence: [] } };
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
