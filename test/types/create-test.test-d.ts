import { describe, expectTypeOf, test } from "vitest";
import { test as vitestTest } from "vitest";
import { http, type HttpClient } from "../../src/adapters/http/index.ts";
import { mock, type MockHandle } from "../../src/adapters/mock/index.ts";
import { sqlite, type SqliteHandle } from "../../src/adapters/sqlite/index.ts";
import {
  always,
  createTest,
  sometimes,
  withExplore,
  type WorldMark,
} from "../../src/fixtures/index.ts";

const shop = createTest({ db: sqlite(), api: http({ url: "http://127.0.0.1:1" }), cache: mock() });

describe("createTest", () => {
  test("gives the world the handle of each system", () => {
    shop("typed", async ({ world }) => {
      expectTypeOf(world.db).toEqualTypeOf<SqliteHandle>();
      expectTypeOf(world.api).toEqualTypeOf<HttpClient>();
      expectTypeOf(world.cache).toEqualTypeOf<MockHandle>();
      expectTypeOf(await world.checkpoint()).toEqualTypeOf<WorldMark>();
      // @ts-expect-error There is no system of this name.
      void world.queue;
    });
  });

  test("gives actions and rules the systems and the tools", () => {
    shop.explore("shop", {
      actions: {
        refund: ({ db, api, cache, context, signal, annotate, expect }) => {
          expectTypeOf(db).toEqualTypeOf<SqliteHandle>();
          expectTypeOf(api).toEqualTypeOf<HttpClient>();
          expectTypeOf(cache).toEqualTypeOf<MockHandle>();
          expectTypeOf(context).toEqualTypeOf<Record<string, unknown>>();
          expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
          expectTypeOf(annotate).toBeFunction();
          expectTypeOf(expect(1).toBe).toBeFunction();
        },
      },
      invariants: {
        one: always(({ db }) => {
          expectTypeOf(db).toEqualTypeOf<SqliteHandle>();
          return true;
        }),
        two: sometimes(async ({ cache }) => cache.query("users").length > 0),
        // @ts-expect-error A rule answers with a boolean.
        three: always(() => "yes"),
      },
    });
  });

  test("types the context as it is told to", () => {
    shop.explore<{ orderId?: number; carts: string[] }>("shop", {
      context: { carts: [] },
      actions: {
        create: ({ context }) => {
          expectTypeOf(context.orderId).toEqualTypeOf<number | undefined>();
          context.carts.push("a");
          // @ts-expect-error A text is no order id.
          context.orderId = "1";
        },
      },
      invariants: {
        one: always(async ({ context }) => {
          expectTypeOf(context.carts).toEqualTypeOf<string[]>();
          return true;
        }),
      },
    });
  });

  test("refuses what is no option, no strategy and no system", () => {
    // @ts-expect-error There is no such option.
    shop.explore("shop", { actions: { run: () => {} }, maxDepth: 3 });
    // @ts-expect-error There is no such strategy.
    shop.explore("shop", { actions: { run: () => {} }, strategy: "bfs" });
    // @ts-expect-error A path is a text, since it is copied from a report.
    shop.explore("shop", { actions: { run: () => {} }, replay: [0, 1] });
    // @ts-expect-error A sequence is a list of names.
    shop.explore("shop", { actions: { run: () => {} }, paths: ["run"] });
    // @ts-expect-error Names are texts.
    shop.explore("shop", { actions: { run: () => {} }, secrets: [/iban/] });
    // @ts-expect-error Actions are needed.
    shop.explore("shop", {});
    // @ts-expect-error A system is made by sqlite(), mock() or http().
    createTest({ db: "sqlite" });
  });

  test("takes a path to replay, sequences and names of secrets", () => {
    const paths = [["run", "run"]] as const;
    shop.explore("a", { actions: { run: () => {} }, replay: "0/1@7", paths, secrets: ["iban"] });
  });

  test("has every mode of a suite", () => {
    shop.explore.only("a", { actions: { run: () => {} } });
    shop.explore.skip("b", { actions: { run: () => {} } });
    shop.explore.concurrent.only("c", { actions: { run: () => {} } });
    shop.explore.todo("d");
  });
});

describe("fixtures of the user's own", () => {
  test("reach hand-written tests and actions, whichever comes first", () => {
    const before = withExplore(
      vitestTest.extend("user", () => ({ name: "Ada" })),
      { db: sqlite() },
    );
    const after = shop.extend("user", ({ world }) => {
      expectTypeOf(world.db).toEqualTypeOf<SqliteHandle>();
      return { name: "Ada" };
    });

    before("typed", ({ user, world }) => {
      expectTypeOf(user.name).toEqualTypeOf<string>();
      expectTypeOf(world.db).toEqualTypeOf<SqliteHandle>();
    });
    for (const extended of [before, after]) expectTypeOf(extended.explore).toBeFunction();
    before.explore("a", {
      actions: { run: ({ user }) => expectTypeOf(user.name).toEqualTypeOf<string>() },
    });
    after.explore("b", {
      actions: { run: ({ user, db }) => [expectTypeOf(user.name).toEqualTypeOf<string>(), db] },
    });
  });
});
