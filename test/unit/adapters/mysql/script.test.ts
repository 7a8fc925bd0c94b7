import { expect, test } from "vitest";
import { splitScript } from "../../../../src/adapters/mysql/script.ts";

test("a script without DELIMITER is one text, which the server splits", () => {
  expect(splitScript("SELECT 1; SELECT ';';\n")).toEqual(["SELECT 1; SELECT ';';\n"]);
});

test("another delimiter ends a statement where it ends a line", () => {
  const body = "CREATE PROCEDURE p() BEGIN\n  SELECT 'a // b';\nEND";
  const script = `SELECT 1;\nDELIMITER //\n${body} //\nSELECT 2//\ndelimiter ;\nSELECT 3;`;

  expect(splitScript(script).map((part) => part.trim())).toEqual([
    "SELECT 1;",
    body,
    "SELECT 2",
    "SELECT 3;",
  ]);
});
