import { describe, expect, test } from "vitest";
import { mysql } from "../../../../src/adapters/mysql/index.ts";
import { readOptions } from "../../../../src/adapters/mysql/options.ts";

test("options that are not given have their defaults", () => {
  expect(readOptions({ database: "shop", port: undefined })).toMatchObject({
    database: "shop",
    port: undefined,
    isolation: "auto",
    counters: true,
    quiescenceMs: 2000,
    connectionTimeoutMs: 10_000,
  });
});

describe("is refused by name, value and cure", () => {
  test.for([
    [{ isolaton: "undo" }, "mysql(): isolaton is not an option.\nDid you mean `isolation`?"],
    [{ connection_timeout: 60 }, "Did you mean `connectionTimeoutMs`?"],
    [{ isolation: "template" }, 'must be one of auto, undo, savepoint, copy, got "template"'],
    [{ port: 0 }, "mysql(): port must be a whole number from 1 to 65535, got 0"],
    [{ host: "" }, 'mysql(): host must be a text that is not empty, got ""'],
    [{ url: "postgresql://u:secret@h/d" }, "must be a connection string, got another text"],
    [{ password: 1 }, "mysql(): password must be a text, got 1"],
    [{ counters: "yes" }, 'mysql(): counters must be true or false, got "yes"'],
    [{ host: "localhost", server: {} }, "`host` is about one that runs"],
    [{ testDatabase: true, schema: "SELECT 1" }, "`schema` would make them"],
    [{ testDatabase: true, isolation: "copy" }, 'contradicts isolation: "copy"'],
    [7, "mysql(): options must be an object, got 7"],
  ] as const)("%j", ([options, text]) => {
    expect(() => mysql(options as never)).toThrow(text);
  });
});
