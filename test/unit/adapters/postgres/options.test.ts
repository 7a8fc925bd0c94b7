import { describe, expect, test } from "vitest";
import { readOptions } from "../../../../src/adapters/postgres/options.ts";
import { postgres } from "../../../../src/adapters/postgres/index.ts";

function refusal(options: unknown): string {
  try {
    readOptions(options);
    return "accepted";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe("postgres options", () => {
  test("need not be given", () => {
    expect(postgres()).toMatchObject({ kind: "postgres", exclusive: false, stage: "store" });
  });

  test("take arguments for a server", () => {
    const server = { args: ["-c", "max_connections=500"] };

    expect(readOptions({ server })).toMatchObject({ server });
  });

  test("make a test database exclusive", () => {
    expect(postgres({ testDatabase: true }).exclusive).toBe(true);
  });

  test("take a bare name as the name of a schema, and all else as SQL or a path", () => {
    expect(readOptions({ schema: "public" })).toMatchObject({
      schema: undefined,
      schemas: ["public"],
    });
    for (const schema of ["./schema.sql", "schema.sql", "./migrations", "CREATE TABLE a ()"]) {
      expect(readOptions({ schema })).toMatchObject({ schema, schemas: undefined });
    }
  });

  test.for([
    [{ ulr: "x" }, "postgres(): ulr is not an option.\nDid you mean `url`?"],
    [{ sever: {} }, "postgres(): sever is not an option.\nDid you mean `server`?"],
    [
      { server: { wya: "binary" } },
      "postgres(): server: wya is not an option.\nDid you mean `way`?",
    ],
    [
      { url: "mysql://secret@x" },
      'postgres(): url must be a connection string, got another text.\nGive e.g. "postgresql://user:password@localhost/shop".',
    ],
    [
      { isolation: "copy" },
      'postgres(): isolation must be one of auto, undo, savepoint, template, got "copy".\nLeave it out to have the best one chosen.',
    ],
    [
      { quiescenceMs: -1 },
      "postgres(): quiescenceMs must be a whole number of milliseconds from 0 to 2147483647, got -1.\nGive a number such as 2000.",
    ],
    [
      { schemas: [] },
      'postgres(): schemas must be a list of names of schemas, got [].\nGive e.g. ["public"], or leave it out for all.',
    ],
    [
      { schema: "public", schemas: ["shop"] },
      'postgres(): schema: "public" is the name of a schema, and schemas: ["shop"] names them too.\nGive only `schemas`.',
    ],
    [
      { testDatabase: true, schema: "./schema.sql" },
      "postgres(): testDatabase: true works in a database that has its tables already, and `schema` would make them.\nRemove `schema`, or remove `testDatabase` to have a new database made.",
    ],
    [
      { testDatabase: true, isolation: "template" },
      'postgres(): testDatabase: true contradicts isolation: "template", which drops the database and makes it again.\nRemove `testDatabase`, or choose another `isolation`.',
    ],
    [
      "postgresql://localhost",
      'postgres(): options must be an object, got "postgresql://localhost".\nGive e.g. { url: "postgresql://localhost/shop" }.',
    ],
  ] as const)("refuses %j", ([options, message]) => {
    expect(refusal(options)).toBe(message);
  });
});
