import type { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { isExploreError } from "../../src/errors.ts";
import type { RedisOptions } from "../../src/adapters/redis/index.ts";
import { lane } from "../support/lane.ts";
import { connectDatabase, ownServer } from "../support/redis/connect.ts";
import { ownTemporaryFolder } from "../support/provision/folder.ts";
import { type Fault, startFaultyProxy } from "../support/redis/faulty-proxy.ts";
import { readAll } from "../support/redis/read-all.ts";
import { appConnection, needsRedis } from "../support/redis/server.ts";

const HOST = "127.0.0.1";
const NOTHING: { readonly a?: string; readonly c?: string } = {};

/** Far more than there are: the loop ends when a run meets no fault. */
const MOST = 200;

/** Everything that a world does with a system. */
async function useEverything(app: Redis, options: RedisOptions): Promise<void> {
  const { adapter } = await connectDatabase({ host: HOST, db: 3, ...options });
  try {
    await adapter.open();
    const root = await adapter.checkpoint();
    const before = await readAll(app);
    await app.mset("a", "2", "b", "1");
    await app.rpush("list", "x");
    const later = await adapter.checkpoint();
    await app.del("a");
    await adapter.rollback(root);
    expect(contentsOf(await readAll(app))).toEqual(contentsOf(before));
    await adapter.rollback(later);
    expect(await app.mget("a", "b")).toEqual(["2", "1"]);
    await adapter.diff(root);
    await adapter.observe();
    await adapter.release(later);
    await adapter.rollback(root);
    expect(contentsOf(await readAll(app))).toEqual(contentsOf(before));
  } finally {
    await adapter[Symbol.asyncDispose]();
  }
}

function contentsOf(found: Awaited<ReturnType<typeof readAll>>): ReadonlyMap<string, unknown> {
  return new Map([...found].map(([key, { content }]) => [key, content]));
}

lane("redis faults", needsRedis, () => {
  describe.for(["touched", "copy", "dump"] as const)("isolation %s", (isolation) => {
    describe.for<Fault>(["refuse", "lose", "lose answer"])("%s the n-th command", (fault) => {
      test.for([
        ...(isolation === "touched"
          ? [{ title: "an empty database", marked: {}, content: NOTHING }]
          : []),
        {
          title: "a test database",
          marked: { testDatabase: true },
          content: { a: "theirs", c: "too" },
        },
      ])("in $title: an error of ours, and nothing is left", async ({ marked, content }) => {
        ownTemporaryFolder();
        const { port } = await ownServer();
        const proxy = await startFaultyProxy(port);
        const app = await appConnection(port, 3);
        if (Object.keys(content).length > 0) await app.mset(content);

        const keys = Object.keys(content).length;
        const told =
          keys === 0 ? /^# Keyspace\s*$/ : new RegExp(`^# Keyspace\\s+db3:keys=${keys},.*\\s*$`);
        let n = 1;
        for (; n < MOST; n += 1) {
          proxy.failAt(n, fault);
          const options = { port: proxy.port, isolation, ...marked };
          const failure: unknown = await useEverything(app, options).catch(
            (error: unknown) => error,
          );
          // Some faults are got over: a tracking connection is opened again, a clean-up repeated.
          const isTold = proxy.hasFailed() && isExploreError(failure);
          expect(isTold ? undefined : failure, `command ${n}`).toBeUndefined();
          expect(await app.info("keyspace"), `command ${n}`).toMatch(told);
          expect(await app.mget("a", "c"), `command ${n}`).toEqual([
            content.a ?? null,
            content.c ?? null,
          ]);
          if (!proxy.hasFailed()) break;
        }

        expect(n).toBeGreaterThan(20);
        expect(n).toBeLessThan(MOST);
      });
    });
  });
});
