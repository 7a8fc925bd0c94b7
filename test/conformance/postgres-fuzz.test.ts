import type { Client } from "pg";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connect } from "../support/postgres/connect.ts";
import { readDump } from "../support/postgres/dump.ts";
import { randomSchema } from "../support/postgres/random-schema.ts";
import { randomBatch, randomSchemaChange } from "../support/postgres/random-writes.ts";
import type { TestServer } from "../support/postgres/server.ts";
import { probePostgres, startServer } from "../support/postgres/server.ts";
import type { Run } from "../support/sql/walk.ts";
import { exploreStack, exploreTree, printDifference } from "../support/sql/walk.ts";
import { createRandom } from "../support/sqlite/random.ts";

const given = process.env["EXPLORE_FUZZ_SEED"];
const seeds = given === undefined ? [1, 2, 3, 4, 5, 6] : [Number(given)];
const rollbacks = Number(process.env["EXPLORE_FUZZ_ROLLBACKS"] ?? 600);
const CONNECTIONS = 3;

lane("postgres fuzz", probePostgres, () => {
  let server: TestServer | undefined;

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());

  describe("what concurrent connections write to random schemas is rolled back", () => {
    test.for(seeds)("seed %i", { timeout: 3_600_000 }, async (seed) => {
      const run = await startUndo(server?.url("postgres") ?? "", seed);

      const differences = await exploreTree(run, Math.ceil(rollbacks / seeds.length));

      expect(differences.map(printDifference)).toEqual([]);
    });
  });

  describe("also where actions change the schema", () => {
    test.for(given === undefined ? [21] : seeds)(
      "seed %i",
      { timeout: 3_600_000 },
      async (seed) => {
        const run = await startUndo(server?.url("postgres") ?? "", seed, 0.04);

        const differences = await exploreTree(run, Math.ceil(rollbacks / 10));

        expect(differences.map(printDifference)).toEqual([]);
      },
    );
  });

  describe("what the session writes is rolled back by savepoints", () => {
    test.for([11, 12])("seed %i", { timeout: 3_600_000 }, async (seed) => {
      const run = await startSavepoints(server?.url("postgres") ?? "", seed);

      const differences = await exploreStack(run, Math.ceil(rollbacks / 10));

      expect(differences.map(printDifference)).toEqual([]);
    });
  });
});

const isCounter = (name: string): boolean => name.endsWith("_seq");

/** @param chance - Of a schema change in a batch of writes. */
async function startUndo(url: string, seed: number, chance = 0): Promise<Run> {
  const random = createRandom(seed);
  const schema = randomSchema(random);
  const { handle, adapter } = await connect({ url, schema: schema.sql, quiescenceMs: 10_000 });
  // A pool, since going back across a schema change ends connections.
  let pool = createPool(handle.url);
  const write = async (): Promise<void> => {
    const batches = Array.from({ length: CONNECTIONS }, () => randomBatch(random, schema));
    await Promise.all(batches.map((batch) => runBatch(pool, batch)));
    if (random.chance(chance)) await pool.query(randomSchemaChange(random)).catch(() => {});
  };
  for (let count = 0; count < 30; count += 1) await write();
  // Who is connected would keep a copy from being made for the case of a schema change.
  await pool.end();
  expect(await adapter.open()).toMatchObject({ mode: "undo" });
  expect(adapter.capabilities.schema).toBe(true);
  pool = createPool(handle.url);
  onTestFinished(() => pool.end());
  return { random, adapter, write, dump: () => withClient(pool, readDump), isCounter };
}

function createPool(url: string): Pool {
  const pool = new Pool({ connectionString: url, max: CONNECTIONS });
  pool.on("error", () => {});
  // One listener a connection, not one each time that it is used.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

async function withClient<T>(pool: Pool, run: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await run(client);
  } finally {
    client.release();
  }
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
  return { random, adapter, write, dump: () => readDump(session), isCounter };
}

async function runBatch(pool: Pool, batch: readonly string[]): Promise<void> {
  await withClient(pool, async (client) => {
    for (const sql of batch) {
      // Many random statements break a constraint, and concurrent ones meet in deadlocks.
      await client.query(sql).catch(() => {});
    }
    await client.query("ROLLBACK");
  });
}
