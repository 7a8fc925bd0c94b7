import * as fc from "fast-check";
import { describe, expectTypeOf, test } from "vitest";
import { http, type HttpClient } from "../../src/adapters/http/index.ts";
import { sqlite, type SqliteHandle } from "../../src/adapters/sqlite/index.ts";
import { action, createTest } from "../../src/fixtures/index.ts";

const shop = createTest({ db: sqlite(), api: http({ url: "http://127.0.0.1:1" }) });
const order = fc.record({ amount: fc.integer({ min: 1 }), note: fc.option(fc.string()) });

describe("action.given", () => {
  test("gives the action the input beside the systems and the tools", () => {
    shop.explore<{ orderId?: number }>("shop", {
      actions: {
        "create order": action.given(order, async ({ api, db, context, input, signal }) => {
          expectTypeOf(input).toEqualTypeOf<{ amount: number; note: string | null }>();
          expectTypeOf(api).toEqualTypeOf<HttpClient>();
          expectTypeOf(db).toEqualTypeOf<SqliteHandle>();
          expectTypeOf(context.orderId).toEqualTypeOf<number | undefined>();
          expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        }),
        refund: action.given(fc.constantFrom("all", "half"), ({ input, api }) => api.post(input), {
          enabled: ({ context, db }) => {
            expectTypeOf(db).toEqualTypeOf<SqliteHandle>();
            return context.orderId !== undefined;
          },
          samples: 2,
          oracles: { noServerErrors: false },
        }),
        cancel: {
          enabled: ({ context }) => context.orderId !== undefined,
          run: ({ api, context }) => api.delete(`/orders/${context.orderId}`),
        },
        look: ({ api }) => api.get("/orders"),
      },
    });
  });

  test("has a context without a type, and the user's own fixtures", () => {
    const extended = shop.extend("user", () => ({ name: "Ada" }));
    extended.explore("shop", {
      actions: {
        create: action.given(fc.nat(), ({ context, user, input }) => {
          expectTypeOf(context).toEqualTypeOf<Record<string, unknown>>();
          expectTypeOf(user).toEqualTypeOf<{ name: string }>();
          expectTypeOf(input).toEqualTypeOf<number>();
        }),
      },
    });
  });

  test("takes its place in a list", () => {
    shop.explore("shop", {
      actions: [
        action("look", ({ api }) => api.get("/orders")),
        {
          name: "create",
          ...action.given(fc.nat(), ({ input, api }) => {
            expectTypeOf(input).toEqualTypeOf<number>();
            expectTypeOf(api).toEqualTypeOf<HttpClient>();
          }),
        },
      ],
    });
  });

  test("refuses what is no arbitrary and no option", () => {
    // @ts-expect-error A number is no arbitrary.
    action.given(5, () => {});
    // @ts-expect-error There is no such option.
    action.given(fc.nat(), () => {}, { sample: 2 });
    shop.explore("shop", {
      actions: {
        // @ts-expect-error Nothing is generated for an action without an arbitrary.
        create: ({ input }) => input,
        // @ts-expect-error The input is a number.
        refund: action.given(fc.nat(), ({ input }) => input.toUpperCase()),
      },
    });
  });
});
