import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connectClient } from "../support/mysql/client.ts";
import { connect } from "../support/mysql/connect.ts";
import { COUNTERS, readDump } from "../support/mysql/dump.ts";
import { randomSchema } from "../support/mysql/random-schema.ts";
import { randomBatch } from "../support/mysql/random-writes.ts";
import type { TestServer } from "../support/mysql/server.ts";
import { probeMysql, SERVERS, startServer } from "../support/mysql/server.ts";
import type { Dump, Run } from "../support/sql/walk.ts";
import { exploreStack, exploreTree, printDifference } from "../support/sql/walk.ts";
import { createRandom } from "../support/sqlite/random.ts";

const given = process.env["EXPLORE_FUZZ_SEED"];
const seeds = given === undefined ? [1, 2, 3, 4, 5, 6] : [Number(given)];
const rollbacks = Number(process.env["EXPLORE_FUZZ_ROLLBACKS"] ?? 600);
const CONNECTIONS = 3;

lane("mysql fuzz", probeMysql, () => {
  describe.for(SERVERS)("$name", (program) => {
    let server: TestServer | undefined;

    beforeAll(async () => {
      server = await startServer(program);
    });
    afterAll(() => server?.stop());

    describe("what concurrent connections write to random schemas is rolled back", () => {
      test.for(seeds)("seed %i", { timeout: 3_600_000 }, async (seed) => {
        const run = await startUndo(server?.url() ?? "", seed);

        const differences = await exploreTree(run, Math.ceil(rollbacks / seeds.length));

        expect(differences.map(printDifference)).toEqual([]);
      });
    });

    describe("what the session writes is rolled back by savepoints", () => {
      test.for([11, 12])("seed %i", { timeout: 3_600_000 }, async (seed) => {
        const run = await startSavepoints(server?.url() ?? "", seed);

        const differences = await exploreStack(run, Math.ceil(rollbacks / 10));

        expect(differences.map(printDifference)).toEqual([]);
      });
    });
  });
});

const isCounter = (name: string): boolean => name === COUNTERS;

async function startUndo(url: string, seed: number): Promise<Run> {
  const random = createRandom(seed);
  const schema = randomSchema(random);
  const { handle, adapter } = await connect({ url, schema: schema.sql, quiescenceMs: 10_000 });
  const clients = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => connectClient(handle.url)),
  );
  const [first] = clients;
  if (first === undefined) throw new Error("no connection");
  const write = async (): Promise<void> => {
    await Promise.all(clients.map((it) => runBatch(it, randomBatch(random, schema))));
  };
  for (let count = 0; count < 30; count += 1) await write();
  expect(await adapter.open()).toMatchObject({ mode: "undo" });
  return { random, adapter, write, dump: () => readDump(first), isCounter };
}

async function startSavepoints(url: string, seed: number): Promise<Run> {
  const random = createRandom(seed);
  const schema = randomSchema(random);
  // No savepoint undoes what is written to tables of these engines.
  const sql = schema.sql.replaceAll(/ENGINE = (MyISAM|MEMORY)/g, "");
  const { handle, adapter } = await connect({ url, schema: sql, isolation: "savepoint" });
  const session = (await handle.client()) as unknown as Connection;
  const skipped = /^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)/;
  const write = async (): Promise<void> => {
    for (const statement of randomBatch(random, schema)) {
      if (!skipped.test(statement)) await handle.execute(statement).catch(() => {});
    }
  };
  for (let count = 0; count < 30; count += 1) await write();
  await adapter.open();
  const dump = async (): Promise<Dump> => {
    // Savepoints leave counters alone.
    const { [COUNTERS]: _, ...rows } = await readDump(session);
    return rows;
  };
  return { random, adapter, write, dump, isCounter };
}

async function runBatch(connection: Connection, batch: readonly string[]): Promise<void> {
  for (const sql of batch) {
    // Many random statements break a constraint, and concurrent ones meet in deadlocks.
    await connection.query(sql).catch(() => {});
  }
}
