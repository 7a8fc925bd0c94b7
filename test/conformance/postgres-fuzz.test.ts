import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Adapter, Checkpoint } from "../../src/adapters/adapter.ts";
import { lane } from "../support/lane.ts";
import { connect } from "../support/postgres/connect.ts";
import type { Dump } from "../support/postgres/dump.ts";
import { readDump } from "../support/postgres/dump.ts";
import { randomSchema } from "../support/postgres/random-schema.ts";
import { randomBatch } from "../support/postgres/random-writes.ts";
import type { TestServer } from "../support/postgres/server.ts";
import { probePostgres, startServer } from "../support/postgres/server.ts";
import type { Random } from "../support/sqlite/random.ts";
import { createRandom } from "../support/sqlite/random.ts";

const given = process.env["EXPLORE_FUZZ_SEED"];
const seeds = given === undefined ? [1, 2, 3, 4, 5, 6] : [Number(given)];
const rollbacks = Number(process.env["EXPLORE_FUZZ_ROLLBACKS"] ?? 600);
const MAX_LIVE = 10;
const CONNECTIONS = 3;

interface Mark {
  readonly at: Checkpoint;
  readonly dump: Dump;
}

/** A database that several connections write to at once, and what is to be done with it. */
interface Run {
  readonly random: Random;
  readonly adapter: Adapter;
  readonly write: () => Promise<void>;
  readonly dump: () => Promise<Dump>;
}

lane("postgres fuzz", probePostgres, () => {
  let server: TestServer | undefined;

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());

  describe("what concurrent connections write to random schemas is rolled back", () => {
    test.for(seeds)("seed %i", { timeout: 3_600_000 }, async (seed) => {
      const run = await startUndo(server?.url("postgres") ?? "", seed);

      const differences = await explore(run, Math.ceil(rollbacks / seeds.length));

      expect(differences.map(print)).toEqual([]);
    });
  });

  describe("what the session writes is rolled back by savepoints", () => {
    test.for([11, 12])("seed %i", { timeout: 3_600_000 }, async (seed) => {
      const run = await startSavepoints(server?.url("postgres") ?? "", seed);

      const differences = await exploreStack(run, Math.ceil(rollbacks / 10));

      expect(differences.map(print)).toEqual([]);
    });
  });
});

async function startUndo(url: string, seed: number): Promise<Run> {
  const random = createRandom(seed);
  const schema = randomSchema(random);
  const { handle, adapter } = await connect({ url, schema: schema.sql, quiescenceMs: 10_000 });
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => client(handle.url)));
  const [first] = clients;
  if (first === undefined) throw new Error("no connection");
  const write = async (): Promise<void> => {
    await Promise.all(clients.map((it) => runBatch(it, randomBatch(random, schema))));
  };
  for (let count = 0; count < 30; count += 1) await write();
  expect(await adapter.open()).toMatchObject({ mode: "undo" });
  return { random, adapter, write, dump: () => readDump(first) };
}

async function startSavepoints(url: string, seed: number): Promise<Run> {
  const random = createRandom(seed);
  const schema = randomSchema(random);
  const { handle, adapter } = await connect({ url, schema: schema.sql, isolation: "savepoint" });
  const session = (await handle.client()) as unknown as Client;
  const skipped = /^(BEGIN|COMMIT|ROLLBACK$|SAVEPOINT|RELEASE|ROLLBACK TO)/;
  const write = async (): Promise<void> => {
    for (const sql of randomBatch(random, schema)) {
      if (!skipped.test(sql)) await handle.execute(sql).catch(() => {});
    }
  };
  for (let count = 0; count < 30; count += 1) await write();
  await adapter.open();
  return { random, adapter, write, dump: () => readDump(session) };
}

async function client(url: string): Promise<Client> {
  const made = new Client({ connectionString: url });
  made.on("error", () => {});
  await made.connect();
  onTestFinished(() => made.end());
  return made;
}

async function runBatch(connection: Client, batch: readonly string[]): Promise<void> {
  for (const sql of batch) {
    // Many random statements break a constraint, and concurrent ones meet in deadlocks.
    await connection.query(sql).catch(() => {});
  }
}

/** Goes to random nodes of a growing tree. Returns what was not as it should be; it ends there. */
async function explore({ random, adapter, write, dump }: Run, count: number): Promise<unknown[]> {
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
    differences.push(...(await checkDiff(adapter, since, await dump())));
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
async function exploreStack(
  { random, adapter, write, dump }: Run,
  count: number,
): Promise<unknown[]> {
  let stack: readonly [Mark, ...Mark[]] = [{ at: await adapter.checkpoint(), dump: await dump() }];
  const differences: unknown[] = [];
  for (let done = 1; done <= count && differences.length === 0; done += 1) {
    await write();
    if (random.chance(0.6)) {
      stack = [...stack, { at: await adapter.checkpoint(), dump: await dump() }];
    }
    await write();
    const target = random.pick(stack);
    differences.push(...(await checkDiff(adapter, target, await dump())));
    if (random.chance(0.4)) continue;
    await adapter.rollback(target.at);
    const actual = await dump();
    if (!isEqual(actual, target.dump)) differences.push({ done, ...compare(target.dump, actual) });
    stack = stack.slice(0, stack.indexOf(target) + 1) as [Mark, ...Mark[]];
  }
  return differences;
}

/** The difference has as many rows added and removed as two dumps tell. */
async function checkDiff(adapter: Adapter, { at, dump }: Mark, now: Dump): Promise<unknown[]> {
  const told = await adapter.diff(at);
  const changes = told.flatMap((it) => it.changes);
  const counted = {
    gone: changes.filter(({ before }) => before !== undefined).length,
    come: changes.filter(({ after }) => after !== undefined).length,
  };
  const expected = { gone: surplus(dump, now), come: surplus(now, dump) };
  return isEqual(counted, expected) ? [] : [{ counted, expected, ...compare(dump, now), told }];
}

/** Rows of one dump that the other does not have. A row that went to another partition counts too. */
function surplus(of: Dump, other: Dump): number {
  const rest = new Map<string, number>();
  for (const line of lines(other)) rest.set(line, (rest.get(line) ?? 0) + 1);
  return lines(of).filter((line) => {
    const left = rest.get(line) ?? 0;
    rest.set(line, left - 1);
    return left <= 0;
  }).length;
}

function lines(dump: Dump): readonly string[] {
  return Object.entries(dump).flatMap(([name, rows]) =>
    name.endsWith("_seq") ? [] : rows.map((row) => `${name} ${row}`),
  );
}

function compare(expected: Dump, actual: Dump): object {
  const names = Object.keys(expected).filter((name) => !isEqual(expected[name], actual[name]));
  return Object.fromEntries(names.map((name) => [name, [expected[name], actual[name]]]));
}

function print(difference: unknown): string {
  return JSON.stringify(difference).slice(0, 4000);
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
