import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Row } from "../../../../src/adapters/adapter.ts";
import type { SystemDiff } from "../../../../src/explore/diffs.ts";
import { canonicalForm, learn, noKnowledge } from "../../../../src/explore/identity/index.ts";
import { ID, formOf, system } from "./worlds.ts";

const COLUMNS = [ID, { name: "created_at", role: "time" }, { name: "note" }] as const;

test("times keep their order and lose their value", () => {
  const early = form([1, "2024-05-01 10:00:00", "a"], [2, "2024-05-01 10:00:05", "b"]);
  expect(early).toBe(form([1, "2024-06-01 10:00:00", "a"], [2, "2024-07-01 00:00:00", "b"]));
  expect(early).not.toBe(form([1, "2024-05-01 10:00:05", "a"], [2, "2024-05-01 10:00:00", "b"]));
});

test("two rows written in one second or in two are one state", () => {
  expect(form([1, "2024-05-01 10:00:00", "a"], [2, "2024-05-01 10:00:00", "b"])).toBe(
    form([1, "2024-05-01 10:00:00", "a"], [2, "2024-05-01 10:00:01", "b"]),
  );
});

const inTwoSteps = (a: string, b: string, second: string): string => {
  const rows: readonly Row[] = [
    [a, "2024-05-01 10:00:00", "a"],
    [b, `2024-05-01 10:00:${second}`, "b"],
  ];
  const knowledge = learn(learn(noKnowledge, added(...rows.slice(0, 1))), added(...rows));
  return canonicalForm({ systems: added(...rows), context: {}, knowledge });
};

test("equal times of rows with random keys follow the steps that made them", () => {
  const [a, b] = [randomUUID(), randomUUID()];
  const apart = inTwoSteps(a, b, "01");
  expect(inTwoSteps(a, b, "00")).toBe(apart);
  expect(inTwoSteps(b, a, "00")).toBe(apart);
});

const inOneStep = (...times: readonly string[]): string => {
  const keys = times.map(() => randomUUID());
  const systems = added(...times.map((at, index): Row => [keys[index] ?? "", at, `${index}`]));
  return canonicalForm({ systems, context: {}, knowledge: learn(noKnowledge, systems) });
};

test("a step that falls into two ticks of the clock makes one state", () => {
  const early = inOneStep("2024-05-01 10:00:00", "2024-05-01 10:00:00");
  expect(inOneStep("2024-05-01 10:00:00", "2024-05-01 10:00:01")).toBe(early);
  expect(inOneStep("2024-05-01 10:00:00.001", "2024-05-01 10:00:00.004")).toBe(early);
  expect(inOneStep("2024-05-01 10:00:00", "2024-05-02 10:00:00")).not.toBe(early);
});

test("times are compared within a column only", () => {
  const columns = [ID, { name: "created_at" }, { name: "updated_at" }];
  const row = (created: string, updated: string): string => {
    const rows = [[1, `2024-05-01T10:00:00.${created}Z`, `2024-05-01T10:00:00.${updated}Z`]];
    return formOf([system("db", { orders: { columns, rows } })]);
  };
  expect(row("001", "001")).toBe(row("001", "002"));
});

test.for([
  ["createdAt", 1_700_000_000_000, true],
  ["updated_at", 1_700_000_000, true],
  ["expires", 1_700_000_000_000_000, true],
  ["timestamp", "1700000000", true],
  ["created_at", 17, false],
  ["amount", 1_700_000_000, false],
  ["format", 1_700_000_000, false],
  ["created_at", "2024-05-01", false],
] as const)("%s = %s is a time: %s", ([name, value, isTime]) => {
  const columns = [ID, { name }];
  const written = formOf([system("db", { orders: { columns, rows: [[1, value]] } })]);
  expect(written.includes(`${value}`)).toBe(!isTime);
});

const touched = (at: string): string => {
  const changes = [{ before: [1, at, "a"], after: [1, at, "b"] }];
  return formOf([{ name: "db", diff: [{ collection: "orders", columns: COLUMNS, changes }] }]);
};

test("a time that did not change since the root is a constant", () => {
  expect(touched("2024-05-01 10:00:00")).not.toBe(touched("2024-05-01 10:00:01"));
});

const log = (...ms: readonly number[]): string =>
  formOf([], { log: ms.map((value) => ({ at: new Date(value) })) });

test("dates in the context are ranked along their array", () => {
  expect(log(1000, 1000)).toBe(log(1000, 2000));
  expect(log(1000, 2000)).not.toBe(log(2000, 1000));
});

function added(...rows: readonly Row[]): readonly SystemDiff[] {
  return [system("db", { orders: { columns: COLUMNS, rows } })];
}

function form(...rows: readonly Row[]): string {
  return formOf(added(...rows));
}
