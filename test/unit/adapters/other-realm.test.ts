import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { sqlState } from "../../../src/adapters/postgres/driver.ts";
import { sqliteCode } from "../../../src/adapters/sqlite/driver.ts";
import { codeOf } from "../../../src/errors.ts";

/** An error as Node's are in Vitest's vm pools: not an instance of this realm's `Error`. */
function foreignError(code: string): unknown {
  return runInNewContext("Object.assign(new Error('refused'), { code })", { code });
}

test("an error of another realm is told by its code", () => {
  expect(foreignError("EEXIST")).not.toBeInstanceOf(Error);
  expect(codeOf(foreignError("EEXIST"))).toBe("EEXIST");
  expect(sqlState(foreignError("42501"))).toBe("42501");
  expect(sqliteCode(foreignError("SQLITE_BUSY"))).toBe("SQLITE_BUSY");
});
