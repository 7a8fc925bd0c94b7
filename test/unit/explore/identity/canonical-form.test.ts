import { randomBytes, randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  canonicalForm,
  learn,
  noKnowledge,
  startKnowledge,
} from "../../../../src/explore/identity/index.ts";
import type { SystemDiff } from "../../../../src/explore/identity/index.ts";
import { ID, added, jwt, orders, referenceTo, system } from "./worlds.ts";

const form = (systems: readonly SystemDiff[], context: unknown = {}): string =>
  canonicalForm({ systems, context });

describe("rows", () => {
  test("reads like the difference it stands for", () => {
    expect(form(orders(added(17, 100), { before: [1, 5], after: [1, 7] }), { orderId: 17 })).toBe(
      [
        '["db","orders","id","amount"]',
        "+[n#0,100,]",
        "-[1,5]+[=,7,]",
        "@",
        '{"orderId":n(["db","orders","id"]#0),}',
      ].join("\n"),
    );
  });

  test("two orders created in either order are one state, whichever got which number", () => {
    expect(form(orders(added(1, 100), added(2, 200)))).toBe(
      form(orders(added(1, 200), added(2, 100))),
    );
  });

  test("crossed amounts are another state when the context points to one of them", () => {
    const first = { orderId: 1 };
    expect(form(orders(added(1, 100), added(2, 200)), first)).not.toBe(
      form(orders(added(1, 200), added(2, 100)), first),
    );
  });

  test("equal rows count", () => {
    expect(form(orders(added(1, 100), added(2, 100)))).not.toBe(form(orders(added(1, 100))));
  });

  test("seeded rows are constants", () => {
    const changed = (id: number): string => form(orders({ before: [id, 5], after: [id, 7] }));
    expect(changed(1)).not.toBe(changed(2));
    const removed = (id: number): string => form(orders({ before: [id, 5] }));
    expect(removed(1)).not.toBe(removed(2));
  });

  test("a changed key is a new value, unless it was another seeded row's", () => {
    const moved = (to: number): string => form(orders({ before: [1, 5], after: [to, 5] }));
    expect(moved(8)).toBe(moved(9));
    const swapped = (...ids: readonly number[]): string =>
      form(orders(...ids.map((id, index) => ({ before: [index + 1, 0], after: [id, 0] }))));
    expect(swapped(2, 3, 1)).not.toBe(swapped(3, 1, 2));
  });

  test("a reference to a seeded row is a constant, also when its UUID looks generated", () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const columns = [ID, referenceTo("users", "user_id")];
    const owned = (user: string): string =>
      form([system("db", { orders: { columns, rows: [[1, user]] } })]);
    expect(owned(ann)).not.toBe(owned(bob));
  });

  test("a UUID of the root without a declared reference is a constant once the root names it", () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    const owned = (user: string, known: readonly string[]): string =>
      canonicalForm({
        systems: [
          system("db", { orders: { columns: [ID, { name: "owner" }], rows: [[1, user]] } }),
        ],
        context: {},
        knowledge: startKnowledge(known),
      });
    expect(owned(ann, [])).toBe(owned(bob, []));
    expect(owned(ann, [ann, bob])).not.toBe(owned(bob, [ann, bob]));
  });

  test("an undeclared foreign key is known by its name", () => {
    const world = (order: number, column: string): string =>
      form([
        system("db", {
          orders: { columns: [ID], rows: [[order]] },
          payments: { columns: [ID, { name: column }], rows: [[1, order]] },
        }),
      ]);
    for (const column of ["order_id", "orderId", "orders_id"]) {
      expect(world(1, column)).toBe(world(2, column));
    }
    expect(world(1, "reference")).not.toBe(world(2, "reference"));
  });

  test("a key that is itself a reference leads to the values of its origin", () => {
    const world = (user: number): string =>
      form([
        system("db", {
          users: { columns: [ID], rows: [[user]] },
          profiles: {
            columns: [{ ...referenceTo("users", "user_id"), role: "identity" }],
            rows: [[user]],
          },
          notes: {
            columns: [
              ID,
              { name: "profile", references: { collection: "profiles", column: "user_id" } },
            ],
            rows: [[1, user]],
          },
        }),
      ]);
    expect(world(3)).toBe(world(4));
    expect(world(3)).toContain("#");
    expect(world(3)).not.toContain("3");
  });

  test("numbers and bigints of one identity are one value; their types stay apart", () => {
    const world = (id: number | bigint, of: number | bigint): string =>
      form([
        system("db", {
          orders: { columns: [ID], rows: [[id]] },
          items: { columns: [ID, referenceTo("orders", "order_id")], rows: [[1, of]] },
        }),
      ]);
    expect(world(7, 7n)).toBe(world(8, 8n));
    expect(world(7, 7n)).not.toBe(world(7, 7));
    expect(world(2n ** 60n, 2n ** 60n)).toBe(world(2n ** 61n, 2n ** 61n));
  });
});

describe("tokens", () => {
  const token = (): string => randomBytes(16).toString("hex");
  const sessions = (rows: readonly (readonly [string, string])[]): SystemDiff =>
    system("cache", { keys: { columns: [{ name: "key" }, { name: "value" }], rows } });

  test("sessions with random tokens and cookies are one state", () => {
    const world = (session: string, other: string): string =>
      form(
        [
          sessions([
            [`session:${session}`, "ann"],
            [`session:${other}`, "bob"],
          ]),
        ],
        {
          cookies: { sid: `s%3A${session}.signed` },
        },
      );
    expect(world(token(), token())).toBe(world(token(), token()));
  });

  test("whose session the cookie belongs to matters", () => {
    const [a, b] = [token(), token()];
    const world = (cookie: string): string =>
      form(
        [
          sessions([
            [`session:${a}`, "ann"],
            [`session:${b}`, "bob"],
          ]),
        ],
        { cookie },
      );
    expect(world(a)).not.toBe(world(b));
  });

  test("a token is one value across systems, columns and the context", () => {
    const world = (id: string, mentioned: string): string =>
      form(
        [
          system("db", { orders: { columns: [ID, { name: "amount" }], rows: [[id, 5]] } }),
          sessions([["last", `/orders/${mentioned}`]]),
        ],
        { href: `/orders/${id}/refund`, json: JSON.stringify({ id }) },
      );
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    expect(world(a, a)).toBe(world(b, b));
    expect(world(a, a)).not.toBe(world(a, c));
  });

  test("a token that stands in a row of the root is a constant", () => {
    const [a, b] = [token(), token()];
    const world = (value: string): string =>
      form([
        {
          name: "db",
          diff: [
            {
              collection: "invites",
              columns: [{ name: "code" }, { name: "used" }],
              changes: [a, b].map((code) => ({ before: [code, 0], after: [code, 1] })),
            },
          ],
        },
        sessions([["code", value]]),
      ]);
    expect(world(a)).not.toBe(world(b));
  });

  test("a JSON web token is its claims: times, token and signature are not", () => {
    const world = (seconds: number, sub: number, id: string): string =>
      form([system("db", { users: { columns: [ID], rows: [[sub]] } })], {
        auth: `Bearer ${jwt({ sub, role: "admin", iat: seconds, exp: seconds + 60, jti: id }, token())}`,
      });
    expect(world(1_700_000_000, 4, "x1")).toBe(world(1_700_009_999, 5, "y2"));
    const role = (name: string): string => form([], { auth: jwt({ role: name }, "s") });
    expect(role("admin")).not.toBe(role("guest"));
  });

  test("a Redis key names the identity that it holds", () => {
    const world = (id: number, key: number): string =>
      form([...orders(added(id, 100)), sessions([[`order:${key}:items`, "2"]])]);
    expect(world(17, 17)).toBe(world(18, 18));
    expect(world(17, 17)).not.toBe(world(17, 18));
    expect(world(17, 18)).not.toBe(world(17, 19));
  });

  test("a cached row is read like the row", () => {
    const world = (id: number, at: string): string =>
      form([...orders(added(id, 100)), sessions([[`order:${id}`, JSON.stringify({ id, at })]])]);
    expect(world(17, "2024-05-01T10:00:00.000Z")).toBe(world(18, "2024-05-02T11:00:00.000Z"));
  });
});

describe("context", () => {
  test("an identity under its key is renamed, a number elsewhere is not", () => {
    const world = (id: number, context: unknown): string => form(orders(added(id, 1)), context);
    for (const key of ["orderId", "order_id", "refundedOrderId", "id", "lastId"]) {
      expect(world(1, { [key]: 1 }), key).toBe(world(2, { [key]: 2 }));
      expect(world(1, { [key]: 1 }), key).not.toBe(world(1, { [key]: 2 }));
    }
    expect(world(1, { count: 1 })).not.toBe(world(2, { count: 2 }));
    expect(world(1, { orderIds: [1] })).toBe(world(2, { orderIds: [2] }));
    expect(world(1, { order: { id: 1 } })).toBe(world(2, { order: { id: 2 } }));
    expect(world(1, { orderId: "1" })).toBe(world(2, { orderId: "2" }));
    expect(world(1, { orderId: "1" })).not.toBe(world(1, { orderId: 1 }));
    expect(world(1, { ordersById: { 1: "a" } })).toBe(world(2, { ordersById: { 2: "a" } }));
    expect(world(1, { location: "/orders/1" })).toBe(world(2, { location: "/orders/2" }));
  });

  test("an identity of something that nobody created is a constant", () => {
    const world = (userId: number): string => form(orders(added(1, 5), added(2, 5)), { userId });
    expect(world(1)).not.toBe(world(2));
  });

  test("create, delete, create is create", () => {
    const created = learn(noKnowledge, orders(added(1, 100)));
    const deleted = learn(created, orders());
    const again = learn(deleted, orders(added(2, 100)));
    expect(
      canonicalForm({ systems: orders(added(2, 100)), context: { orderId: 2 }, knowledge: again }),
    ).toBe(
      canonicalForm({
        systems: orders(added(1, 100)),
        context: { orderId: 1 },
        knowledge: created,
      }),
    );
  });

  test("a stale identity is renamed, and stays apart from a live one", () => {
    const gone = (id: number): string =>
      canonicalForm({
        systems: orders(added(9, 100)),
        context: { orderId: id },
        knowledge: learn(noKnowledge, orders(added(3, 1), added(4, 1))),
      });
    expect(gone(3)).toBe(gone(4));
    expect(gone(3)).not.toBe(gone(9));
    expect(gone(3)).not.toBe(gone(5));
  });

  test("knowledge that the state does not mention leaves no trace", () => {
    const knowledge = learn(noKnowledge, orders(added(3, 1), added(4, 1)));
    expect(canonicalForm({ systems: orders(), context: { count: 3 }, knowledge })).toBe(
      canonicalForm({ systems: orders(), context: { count: 3 } }),
    );
  });

  test("the order of keys, and keys that are undefined, do not matter; the order of arrays does", () => {
    expect(form([], { a: 1, b: 2 })).toBe(form([], { b: 2, a: 1, c: undefined }));
    expect(form([], { a: [1, 2] })).not.toBe(form([], { a: [2, 1] }));
  });

  test("Map, Set and objects with generated keys have no order", () => {
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    const carts = (x: string, y: string): unknown => ({ carts: { [x]: 1, [y]: 2, plain: 3 } });
    expect(form([], carts(a, b))).toBe(form([], carts(c, a)));
    expect(form([], { carts: carts(a, b), mine: a })).not.toBe(
      form([], { carts: carts(a, b), mine: b }),
    );
    expect(form([], new Set([a, b]))).toBe(form([], new Set([b, c])));
    expect(form([], new Set([a]))).not.toBe(form([], new Set([a, b])));
    expect(form([], new Set([2, 1]))).toBe(form([], new Set([1, 2])));
    expect(
      form(
        [],
        new Map([
          [a, 1],
          [b, 2],
        ]),
      ),
    ).toBe(
      form(
        [],
        new Map([
          [c, 2],
          [a, 1],
        ]),
      ),
    );
    expect(form([], new Map([["x", 1]]))).not.toBe(form([], { x: 1 }));
  });

  test.for([
    ["context.client", { client: new (class Client {})() }, "is an instance of Client"],
    ["context.list[1].run", { list: [1, { run: () => 1 }] }, "is the function run"],
    ["context.key", { key: Symbol("s") }, "is Symbol(s)"],
  ] as const)("refuses %s and says where it is", ([path, context, problem]) => {
    expect(() => form([], context)).toThrowError(
      expect.objectContaining({
        code: "EXPLORE_USAGE",
        message: expect.stringMatching(`^${RegExp.escape(`${path} ${problem}`)}`) as string,
      }) as Error,
    );
  });

  test("refuses a cycle, and allows the same object twice", () => {
    const shared = { a: 1 };
    expect(form([], { x: shared, y: shared })).toBe(form([], { x: { a: 1 }, y: { a: 1 } }));
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(() => form([], loop)).toThrowError("context.self contains itself");
  });
});

describe("times", () => {
  const columns = [ID, { name: "created_at", role: "time" }, { name: "note" }] as const;
  const world = (
    ...rows: readonly (readonly [number | string, string | number, string])[]
  ): string => form([system("db", { orders: { columns, rows } })]);

  test("keep their order and lose their value", () => {
    const early = world([1, "2024-05-01 10:00:00", "a"], [2, "2024-05-01 10:00:05", "b"]);
    expect(early).toBe(world([1, "2024-06-01 10:00:00", "a"], [2, "2024-07-01 00:00:00", "b"]));
    expect(early).not.toBe(world([1, "2024-05-01 10:00:05", "a"], [2, "2024-05-01 10:00:00", "b"]));
  });

  test("two rows written in one second or in two are one state", () => {
    expect(world([1, "2024-05-01 10:00:00", "a"], [2, "2024-05-01 10:00:00", "b"])).toBe(
      world([1, "2024-05-01 10:00:00", "a"], [2, "2024-05-01 10:00:01", "b"]),
    );
  });

  test("equal times of rows with random keys follow the steps that made them", () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const tied = (first: string, second: string, at: string): string => {
      const rowsOf = (...rows: readonly (readonly [string, string, string])[]): SystemDiff[] => [
        system("db", { orders: { columns, rows } }),
      ];
      const one = rowsOf([first, "2024-05-01 10:00:00", "a"]);
      const two = rowsOf([first, "2024-05-01 10:00:00", "a"], [second, at, "b"]);
      return canonicalForm({
        systems: two,
        context: {},
        knowledge: learn(learn(noKnowledge, one), two),
      });
    };
    const expected = tied(a, b, "2024-05-01 10:00:01");
    expect(tied(a, b, "2024-05-01 10:00:00")).toBe(expected);
    expect(tied(b, a, "2024-05-01 10:00:00")).toBe(expected);
  });

  test("are compared within a column only", () => {
    const twice = [ID, { name: "created_at" }, { name: "updated_at" }];
    const row = (created: string, updated: string): string =>
      form([system("db", { orders: { columns: twice, rows: [[1, created, updated]] } })]);
    expect(row("2024-05-01T10:00:00.001Z", "2024-05-01T10:00:00.001Z")).toBe(
      row("2024-05-01T10:00:00.001Z", "2024-05-01T10:00:00.002Z"),
    );
  });

  test("epochs count in columns that say so, a date alone never", () => {
    expect(world([1, 1_700_000_000, "a"])).toBe(world([1, 1_700_000_001, "a"]));
    expect(world([1, 17, "a"])).not.toBe(world([1, 18, "a"]));
    expect(world([1, "2024-05-01", "a"])).not.toBe(world([1, "2024-05-02", "a"]));
    const named = (name: string, value: number): string =>
      form([system("db", { orders: { columns: [ID, { name }], rows: [[1, value]] } })]);
    expect(named("updatedAt", 1_700_000_000_000)).toBe(named("updatedAt", 1_700_000_000_999));
    expect(named("amount", 1_700_000_000)).not.toBe(named("amount", 1_700_000_001));
  });

  test("a time that did not change since the root is a constant", () => {
    const changed = (at: string): string =>
      form([
        {
          name: "db",
          diff: [
            {
              collection: "orders",
              columns,
              changes: [{ before: [1, at, "a"], after: [1, at, "b"] }],
            },
          ],
        },
      ]);
    expect(changed("2024-05-01 10:00:00")).not.toBe(changed("2024-05-01 10:00:01"));
  });

  test("dates in the context are ranked along their array", () => {
    const at = (...ms: readonly number[]): string =>
      form([], { log: ms.map((value) => ({ at: new Date(value) })) });
    expect(at(1000, 1000)).toBe(at(1000, 2000));
    expect(at(1000, 2000)).not.toBe(at(2000, 1000));
  });
});

test("systems and collections are named", () => {
  const one = (name: string, collection: string): string =>
    form([system(name, { [collection]: { columns: [ID], rows: [[1]] } })]);
  expect(new Set([one("a", "x"), one("b", "x"), one("a", "y")]).size).toBe(3);
});
