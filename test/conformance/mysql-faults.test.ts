import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isExploreError } from "../../src/errors.ts";
import { lane } from "../support/lane.ts";
import { connectSystem } from "../support/mysql/connect.ts";
import type { TestServer } from "../support/mysql/server.ts";
import { ownDatabases, probeMysql, SERVERS, startServer } from "../support/mysql/server.ts";

const SCHEMA = `CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, amount INT); CREATE TABLE loose (n INT);
  CREATE TRIGGER t AFTER INSERT ON orders FOR EACH ROW INSERT INTO loose VALUES (NEW.id)`;

/** Statements of a whole life with `undo`; the loop must get that far. */
const AT_LEAST = 60;
const AT_MOST = 400;

lane("mysql faults", probeMysql, () => {
  describe.for(SERVERS)("$name", (program) => {
    let started: TestServer | undefined;
    const server = (): TestServer => {
      if (started === undefined) throw new Error("the server does not run");
      return started;
    };

    beforeAll(async () => {
      started = await startServer(program);
    });
    afterAll(() => started?.stop());

    /** Makes the driver's nth statement fail, whoever runs it. */
    async function failing(n: number, run: () => Promise<void>): Promise<{ calls: number }> {
      const sample = await createConnection({ uri: server().url() });
      const prototype = Object.getPrototypeOf(sample) as { query: (...args: never[]) => unknown };
      await sample.end();
      const { query } = prototype;
      const counted = { calls: 0 };
      prototype.query = function fail(this: unknown, ...args: never[]): unknown {
        counted.calls += 1;
        if (counted.calls === n) return Promise.reject(new Error(`injected at call ${n}`));
        return query.apply(this, args);
      };
      try {
        await run();
        return counted;
      } finally {
        prototype.query = query;
      }
    }

    /** A whole life of a system. Answers what failed, verb by verb. */
    async function live(): Promise<readonly (readonly [verb: string, error: unknown])[]> {
      const failed: [string, unknown][] = [];
      const attempt = async <T>(
        verb: string,
        run: () => PromiseLike<T>,
      ): Promise<T | undefined> => {
        try {
          return await run();
        } catch (error) {
          failed.push([verb, error]);
          return undefined;
        }
      };
      const options = { url: server().url(), schema: SCHEMA, isolation: "undo" } as const;
      const connected = await attempt("connect", () => connectSystem(options));
      if (connected === undefined) return failed;
      const { handle, adapter } = connected;
      await attempt("verbs", async () => {
        await adapter.open();
        const root = await adapter.checkpoint();
        await attempt("handle", () => handle.execute("INSERT INTO orders(amount) VALUES (1)"));
        await adapter.diff(root);
        const later = await adapter.checkpoint();
        await adapter.rollback(root);
        await adapter.rollback(later);
        await adapter.release(later);
        await adapter.observe();
        await adapter.rollback(root);
      });
      await attempt("close", () => adapter[Symbol.asyncDispose]());
      return failed;
    }

    test(
      "a statement that fails, whichever it is, is told and leaves nothing behind",
      { timeout: 600_000 },
      async () => {
        const told = new Set<string>();
        let n = 1;
        for (; n <= AT_MOST; n += 1) {
          let failed: Awaited<ReturnType<typeof live>> = [];
          const { calls } = await failing(n, async () => {
            failed = await live();
          });
          if (calls < n) break;
          for (const [verb] of failed) told.add(verb);
          expect(
            failed.filter((it) => !isExpected(it)),
            `call ${n}`,
          ).toEqual([]);
          // A set-up goes with the last copy of any set-up.
          const all = await ownDatabases(server());
          const left = all.filter((name) => !name.startsWith("explore_template_"));
          const isClosing = failed.length === 0 || failed.some(([verb]) => verb === "close");
          expect(isClosing ? [] : left, `call ${n}`).toEqual([]);
          // Of a process that lives on nobody else removes what it failed to remove.
          for (const name of left) await server().run(`DROP DATABASE IF EXISTS ${name}`);
        }

        expect(n).toBeGreaterThan(AT_LEAST);
        expect(n).toBeLessThan(AT_MOST);
        expect(told).toEqual(new Set(["connect", "verbs", "handle", "close"]));
        expect(await live()).toEqual([]);
        expect(await ownDatabases(server())).toEqual([]);
      },
    );
  });
});

/** What the user's own statement meets is the driver's error. */
function isExpected([verb, error]: readonly [verb: string, error: unknown]): boolean {
  if (verb !== "handle") return isExploreError(error);
  return error instanceof Error && error.message.startsWith("injected at call");
}
