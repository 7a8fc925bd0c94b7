import { Client } from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { Adapter } from "../../src/adapters/adapter.ts";
import type { PostgresHandle, PostgresOptions } from "../../src/adapters/postgres/index.ts";
import { isExploreError } from "../../src/errors.ts";
import { lane } from "../support/lane.ts";
import { connectSystem } from "../support/postgres/connect.ts";
import type { TestServer } from "../support/postgres/server.ts";
import { ownDatabases, probePostgres, startServer } from "../support/postgres/server.ts";

const SCHEMA =
  "CREATE TABLE orders (id serial PRIMARY KEY, n int); INSERT INTO orders(n) VALUES (1)";
/** More calls than any run makes: a loop that does not end is a failure. */
const MAX_CALLS = 300;

lane("postgres faults", probePostgres, () => {
  let started: TestServer | undefined;
  const server = (): TestServer => {
    if (started === undefined) throw new Error("the server does not run");
    return started;
  };
  let calls = 0;
  let failing = 0;

  beforeAll(async () => {
    started = await startServer();
    // oxlint-disable-next-line typescript/unbound-method -- called with the client it was called on
    const real = Client.prototype.query;
    vi.spyOn(Client.prototype, "query").mockImplementation(function query(
      this: unknown,
      ...given: unknown[]
    ) {
      calls += 1;
      if (calls === failing) return Promise.reject(new Error(`call ${calls} fails`));
      return real.apply(this as Client, given as never);
    });
  });
  afterAll(() => {
    vi.restoreAllMocks();
    return started?.stop();
  });

  /** What a user would call, apart from the statements of the handle. */
  async function explore({
    handle,
    adapter,
  }: {
    readonly handle: PostgresHandle;
    readonly adapter: Adapter;
  }): Promise<void> {
    const write = async (sql: string): Promise<void> => {
      // What fails here is told by the driver's own error, and is not about us.
      if ((failing > calls && failing <= calls + 3) || failing === 0) failing += 3;
      await handle.execute(sql);
    };
    await adapter.open();
    const root = await adapter.checkpoint();
    await write("INSERT INTO orders(n) VALUES (2)");
    const first = await adapter.checkpoint();
    await adapter.rollback(root);
    if (adapter.capabilities.history === "tree") await adapter.rollback(first);
    await adapter.diff(root);
    await adapter.observe();
    await adapter.release(root);
  }

  /** Answers the error of the run in which the n-th call fails, or that nobody heard of it. */
  async function runFailing(n: number, options: PostgresOptions): Promise<unknown> {
    calls = 0;
    failing = n;
    let adapter: Adapter | undefined;
    let error: unknown;
    try {
      const connected = await connectSystem(options);
      adapter = connected.adapter;
      await explore(connected);
    } catch (failure) {
      error = failure;
    }
    try {
      await adapter?.[Symbol.asyncDispose]();
    } catch (failure) {
      error ??= failure;
    }
    const isReached = calls >= failing;
    failing = 0;
    return isReached ? (error ?? "hidden") : "unreached";
  }

  test.for([
    ["undo", { isolation: "undo" }],
    ["savepoint", { isolation: "savepoint" }],
    ["template", { isolation: "template" }],
    ["undo in the user's own database", { isolation: "undo", testDatabase: true }],
  ] as const)(
    "whichever call fails, %s says so and leaves nothing behind",
    { timeout: 600_000 },
    async ([, given]) => {
      const name = `given_${Date.now()}`;
      await server().run(`CREATE DATABASE ${name}`);
      await server().run(SCHEMA, name);
      onTestFinished(() => server().run(`DROP DATABASE ${name} WITH (FORCE)`));
      const options = { url: server().url(name), quiescenceMs: 10_000, ...given };
      let n = 1;
      for (let ended: unknown = "start"; ended !== "unreached" && n <= MAX_CALLS; n += 1) {
        ended = await runFailing(n, options);
        // A call that is made again, or of which the failure does not matter, is hidden.
        expect(ended, `call ${n}`).toSatisfy(
          (it) => it === "unreached" || it === "hidden" || isExploreError(it),
        );
        expect(await ownDatabases(server()), `after call ${n}`).toEqual([]);
        expect(await leftIn(server().url(name)), `after call ${n}`).toEqual({ ours: 0, orders: 1 });
      }
      expect(n).toBeGreaterThan(20);
      expect(n).toBeLessThan(MAX_CALLS);
    },
  );
});

async function leftIn(url: string): Promise<object> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<object>(
    `SELECT (SELECT count(*)::int FROM pg_namespace WHERE nspname = 'explore') + (SELECT count(*)::int FROM pg_event_trigger) AS ours,
       (SELECT count(*)::int FROM orders) AS orders`,
  );
  await client.end();
  return rows[0] ?? {};
}
