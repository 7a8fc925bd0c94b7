import { describe, expect, test } from "vitest";
import type { SqliteOptions } from "../../../../src/adapters/sqlite/index.ts";
import { sqlite } from "../../../../src/adapters/sqlite/index.ts";

function refusal(options: unknown): string {
  try {
    sqlite(options as SqliteOptions);
    return "accepted";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe("sqlite options", () => {
  test("need not be given", () => {
    expect(sqlite()).toMatchObject({ kind: "sqlite", exclusive: false, stage: "store" });
  });

  test("make a test database exclusive", () => {
    expect(sqlite({ path: "a.db", testDatabase: true }).exclusive).toBe(true);
  });

  test.for([
    [{ paht: "a.db" }, "sqlite(): paht is not an option.\nDid you mean `path`?"],
    [
      { copyOnCheckpiont: true },
      "sqlite(): copyOnCheckpiont is not an option.\nDid you mean `copyOnCheckpoint`?",
    ],
    [
      { busytimeoutms: 1 },
      "sqlite(): busytimeoutms is not an option.\nDid you mean `busyTimeoutMs`?",
    ],
    [
      { colour: "red" },
      "sqlite(): colour is not an option.\nThe options are path, schema, isolation, copyOnCheckpoint, testDatabase, busyTimeoutMs, quiescenceMs.",
    ],
    [
      { path: 7 },
      'sqlite(): path must be the path of a database file, or ":memory:", got 7.\nGive a path relative to the project\'s root, such as "./shop.db".',
    ],
    [
      { isolation: "undoo" },
      'sqlite(): isolation must be one of auto, undo, backup, file, savepoint, got "undoo".\nLeave it out to have the best one chosen.',
    ],
    [
      { quiescenceMs: -1 },
      "sqlite(): quiescenceMs must be a whole number of milliseconds from 0 to 2147483647, got -1.\nGive a number such as 2000.",
    ],
    [
      { schema: "" },
      'sqlite(): schema must be SQL, the path of a .sql file, or a function, got "".\nGive e.g. "./schema.sql".',
    ],
    [
      { testDatabase: "yes" },
      'sqlite(): testDatabase must be true or false, got "yes".\nGive true or false, or leave the option out.',
    ],
    [
      { isolation: "undo", copyOnCheckpoint: true },
      'sqlite(): copyOnCheckpoint: true contradicts isolation: "undo".\ncopyOnCheckpoint: true is the same as isolation: "file". Give only one of them.',
    ],
    [
      { isolation: "file", copyOnCheckpoint: false },
      'sqlite(): copyOnCheckpoint: false contradicts isolation: "file".\ncopyOnCheckpoint: true is the same as isolation: "file". Give only one of them.',
    ],
    [
      { testDatabase: true },
      "sqlite(): testDatabase: true needs the path of a file, got undefined.\nGive the path of the database to work in, or remove testDatabase.",
    ],
    ["a.db", 'sqlite(): options must be an object, got "a.db".\nGive e.g. { path: "./shop.db" }.'],
  ] as const)("refuses %j", ([options, message]) => {
    expect(refusal(options)).toBe(message);
  });

  test("accepts what is undefined as not given", () => {
    expect(() => sqlite({ path: undefined } as unknown as SqliteOptions)).not.toThrow();
  });
});
