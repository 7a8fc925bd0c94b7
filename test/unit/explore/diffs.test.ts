import { expect, test } from "vitest";
import type { Adapter } from "../../../src/adapters/adapter.ts";
import { diffsSince } from "../../../src/explore/diffs.ts";

/** A system that answers a number of turns after it was asked. */
function slow(name: string, turns: number, log: string[], failure?: string): Adapter {
  const diff: Adapter["diff"] = async () => {
    log.push(`${name} asked`);
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    log.push(`${name} answers`);
    if (failure !== undefined) throw new Error(failure);
    return [];
  };
  return { name, diff } as Adapter;
}

const PARTS = [{ id: 0 }, { id: 0 }];

test("systems are asked at the same time and answer in their order", async () => {
  const log: string[] = [];

  const diffs = await diffsSince([slow("db", 9, log), slow("cache", 1, log)], PARTS);

  expect(log).toEqual(["db asked", "cache asked", "cache answers", "db answers"]);
  expect(diffs.map(({ name }) => name)).toEqual(["db", "cache"]);
});

test("of several failures the first system's is told, when all have answered", async () => {
  const log: string[] = [];
  const adapters = [slow("db", 9, log, "db is gone"), slow("cache", 1, log, "cache is gone")];

  await expect(diffsSince(adapters, PARTS)).rejects.toThrow("db is gone");

  expect(log.at(-1)).toBe("db answers");
});
