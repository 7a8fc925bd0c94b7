import { expect, test } from "vitest";
import type { Adapter } from "../../../src/adapters/adapter.ts";
import { diffsSince } from "../../../src/explore/diffs.ts";

/** Makes systems that answer a number of turns after they were asked. */
function slowSystems(log: string[]): (name: string, turns: number, failure?: string) => Adapter {
  return (name, turns, failure) => {
    const diff: Adapter["diff"] = async () => {
      log.push(`${name} asked`);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      log.push(`${name} answers`);
      if (failure !== undefined) throw new Error(failure);
      return [];
    };
    return { name, diff } as Adapter;
  };
}

const PARTS = [{ id: 0 }, { id: 0 }];

test("systems are asked at the same time and answer in their order", async () => {
  const log: string[] = [];
  const slow = slowSystems(log);

  const diffs = await diffsSince([slow("db", 9), slow("cache", 1)], PARTS);

  expect(log).toEqual(["db asked", "cache asked", "cache answers", "db answers"]);
  expect(diffs.map(({ name }) => name)).toEqual(["db", "cache"]);
});

test("of several failures the first system's is told, when all have answered", async () => {
  const log: string[] = [];
  const slow = slowSystems(log);
  const systems = [slow("db", 9, "db is gone"), slow("cache", 1, "cache is gone")];

  await expect(diffsSince(systems, PARTS)).rejects.toThrow("db is gone");

  expect(log.at(-1)).toBe("db answers");
});
