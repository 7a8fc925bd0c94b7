import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connectSystem } from "../support/postgres/connect.ts";
import { readDump } from "../support/postgres/dump.ts";
import type { TestServer } from "../support/postgres/server.ts";
import { probePostgres, startServer } from "../support/postgres/server.ts";
import { createRandom } from "../support/sqlite/random.ts";

const SCHEMA = `CREATE TABLE orders (id serial PRIMARY KEY, n int); CREATE TABLE keyless (n int, t text);
  INSERT INTO orders(n) SELECT generate_series(1, 20); INSERT INTO keyless SELECT n, 'x' FROM orders`;
const ROUNDS = Number(process.env["EXPLORE_CRASH_ROUNDS"] ?? 4);

lane("postgres crashes", probePostgres, () => {
  let started: TestServer | undefined;
  const server = (): TestServer => {
    if (started === undefined) throw new Error("the server does not run");
    return started;
  };

  beforeAll(async () => {
    started = await startServer();
  });
  afterAll(() => started?.stop());

  async function given(): Promise<string> {
    const name = `given_${Date.now()}`;
    await server().run(`CREATE DATABASE ${name}`);
    await server().run(SCHEMA, name);
    // Else a crash alone would skip values of the sequence.
    await server().run("CHECKPOINT");
    onTestFinished(() => server().run(`DROP DATABASE ${name} WITH (FORCE)`));
    return name;
  }

  /** Everything in the database: rows, sequences, and whatever of ours may be there. */
  async function contentOf(name: string): Promise<object> {
    const client = new Client({ connectionString: server().url(name) });
    await client.connect();
    try {
      const { rows } = await client.query(
        `SELECT 'schema' AS what, nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' UNION ALL SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal
         UNION ALL SELECT 'event', evtname FROM pg_event_trigger ORDER BY 1, 2`,
      );
      return { dump: await readDump(client), rows };
    } finally {
      await client.end();
    }
  }

  /** Explores the database in another process until something ends it. */
  async function explorer(name: string): Promise<ReturnType<typeof spawn>> {
    const folder = await mkdtemp(join(tmpdir(), "explore-crash-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, "run.ts");
    const source = join(import.meta.dirname, "../support/postgres/explore-forever.ts");
    const options = { url: server().url(name), testDatabase: true, isolation: "undo" };
    await writeFile(
      file,
      `import { run } from ${JSON.stringify(source)}; await run(${JSON.stringify(options)});`,
    );
    const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "ignore"] });
    await once(child.stdout, "data");
    return child;
  }

  async function nextRun(name: string): Promise<void> {
    const { adapter } = await connectSystem({
      url: server().url(name),
      testDatabase: true,
      isolation: "undo",
      quiescenceMs: 20_000,
    });
    try {
      await adapter.open();
    } finally {
      await adapter[Symbol.asyncDispose]();
    }
  }

  test.for(["the explorer", "the server"])(
    "%s is killed at any moment, and the next run finds the database as it was",
    { timeout: 300_000 },
    async (victim) => {
      const name = await given();
      const before = await contentOf(name);
      const random = createRandom(7);
      for (let round = 0; round < ROUNDS; round += 1) {
        const child = await explorer(name);
        const ended = once(child, "exit");
        await sleep(random.below(300));
        if (victim === "the server") await server().startAgain();
        else child.kill("SIGKILL");
        await ended;

        await nextRun(name);

        expect(await contentOf(name), `after round ${round}`).toEqual(before);
      }
    },
  );
});
