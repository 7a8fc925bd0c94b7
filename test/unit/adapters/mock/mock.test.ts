import { describe, expect, test } from "vitest";
import { mock, type MockHandle } from "../../../../src/adapters/mock/index.ts";
import type { Adapter } from "../../../../src/adapters/adapter.ts";
import { provideNothing } from "../../../support/provision/nothing.ts";

async function connect(): Promise<{ handle: MockHandle; adapter: Adapter }> {
  const system = mock({ initialState: { users: [{ id: 1, name: "Ada" }], orders: [] } });
  const environment = {
    name: "db",
    slot: "1",
    directory: "",
    root: "",
    handles: {},
    provide: provideNothing,
  };
  const { handle, adapter } = await system.connect(environment);
  await adapter.open();
  return { handle, adapter };
}

describe("the statements of the seed", () => {
  test("a row is inserted, read and cleared", async () => {
    const { handle } = await connect();

    expect(handle.execute("INSERT INTO users VALUES (?)", [{ id: 2, name: "Alice" }])).toBe(1);
    expect(handle.query("users")).toEqual([
      { id: 1, name: "Ada" },
      { id: 2, name: "Alice" },
    ]);

    handle.clear();
    expect(handle.query("users")).toEqual([]);
  });

  test("rows are inserted by column, changed and deleted by equality", async () => {
    const { handle } = await connect();

    handle.execute("INSERT INTO users (id, name) VALUES (?, ?)", [2, "Bob"]);
    expect(handle.execute("UPDATE users SET name = ? WHERE id = ?", ["Eve", 2])).toBe(1);
    expect(handle.execute("DELETE FROM users WHERE id = ? AND name = ?", [1, "Ada"])).toBe(1);
    expect(handle.query("users")).toEqual([{ id: 2, name: "Eve" }]);
    expect(handle.execute("DELETE FROM users")).toBe(1);
  });

  test.for([
    ["SELECT * FROM users", []],
    ["UPDATE users SET name = upper(name)", []],
    ["DELETE FROM users WHERE id > ?", [1]],
    ["INSERT INTO users VALUES (?)", []],
    ["INSERT INTO users VALUES (?)", ["Alice"]],
    ["INSERT INTO users VALUES (?)", [{ run: () => 1 }]],
  ] as const)("refuses %s with %j and says what it knows", async ([sql, params]) => {
    const { handle } = await connect();
    expect(() => handle.execute(sql, params)).toThrowError(
      expect.objectContaining({ code: "EXPLORE_USAGE" }),
    );
  });

  test("what a caller holds cannot change the store", async () => {
    const { handle, adapter } = await connect();
    const row = { id: 2, tags: ["a"] };
    handle.execute("INSERT INTO users VALUES (?)", [row]);
    const checkpoint = await adapter.checkpoint();

    row.tags.push("b");
    const [, stored] = handle.query<{ tags: string[] }>("users");
    expect(() => stored?.tags.push("c")).toThrow(TypeError);

    await adapter.rollback(checkpoint);
    expect(handle.query("users")[1]).toEqual({ id: 2, tags: ["a"] });
  });
});

test("the difference names rows added, removed and changed", async () => {
  const { handle, adapter } = await connect();
  const root = await adapter.checkpoint();
  handle.execute("INSERT INTO orders VALUES (?)", [{ id: 1, amount: 5 }]);
  handle.execute("UPDATE users SET name = ? WHERE id = ?", ["Eve", 1]);

  expect(await adapter.diff(root)).toEqual([
    {
      collection: "orders",
      columns: [{ name: "id", role: "identity" }, { name: "amount" }],
      changes: [{ after: [1, 5] }],
    },
    {
      collection: "users",
      columns: [{ name: "id", role: "identity" }, { name: "name" }],
      changes: [{ before: [1, "Ada"], after: [1, "Eve"] }],
    },
  ]);

  handle.execute("UPDATE users SET name = ? WHERE id = ?", ["Ada", 1]);
  handle.execute("DELETE FROM orders");
  expect(await adapter.diff(root)).toEqual([]);
});

test.for([
  [{ initialState: { users: "Alice" } }, "initialState.users must be an array"],
  [{ initialState: { users: [1] } }, "initialState.users[0] must be an object"],
  [{ initialState: [] }, "initialState must be an object"],
  [{ initial_state: {} }, "initial_state is not an option"],
])("refuses %j", ([options, message]) => {
  expect(() => mock(options as never)).toThrowError(message);
});
