import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Failing, shrink } from "../../../../src/explore/shrink/shrink.ts";
import { type Path, withoutInputs } from "../../../../src/trace/path-codec.ts";

/** A toy whose state is a text: what a step does to it, and when the last step fails. */
interface TextToy {
  readonly step: (state: string, action: number) => string;
  readonly fails: (before: string, last: number) => boolean;
}

interface Shrunk {
  readonly path: Path;
  /** Every path that was run, in order. */
  readonly runs: readonly Path[];
}

/** Every step adds its number to the state, so that no state comes back. */
const history = (fails: TextToy["fails"]): TextToy => ({
  step: (state, action) => state + String(action),
  fails,
});

/** 1 opens, 2 closes what was opened last, and all others leave a mark. */
function brackets(state: string, action: number): string {
  if (action === 1) return `${state}(`;
  return action === 2 ? state.replace(/\($/, "") : `${state}*`;
}

async function shrunk(toy: TextToy, path: Path): Promise<Shrunk> {
  const runs: Path[] = [];
  const attempt = (candidate: Path): Promise<Failing | undefined> => {
    runs.push(candidate);
    return Promise.resolve(failing(toy, candidate));
  };
  const given = failing(toy, path);
  if (given === undefined) throw new Error("the path must fail as given");
  const best = await shrink(given, attempt);
  return { path: best.path, runs };
}

function failing({ step, fails }: TextToy, path: Path): Failing | undefined {
  const states = [""];
  const actions = withoutInputs(path);
  for (const action of actions.slice(0, -1)) states.push(step(states.at(-1) ?? "", action));
  const last = actions.at(-1);
  if (last === undefined || !fails(states.at(-1) ?? "", last)) return undefined;
  return { path, states };
}

/** Whether the letters stand in the text, in this order. */
const holds = (text: string, wanted: string): boolean =>
  new RegExp(wanted.split("").join(".*")).test(text);

describe("shrink", () => {
  test.for([
    ["noise before, between and after", [5, 1, 6, 2, 7, 9], [1, 2, 9]],
    ["a step that is there twice", [1, 1, 2, 2, 9], [1, 2, 9]],
    ["nothing but noise", [5, 6, 7, 8, 5, 6, 7, 8, 1, 2, 9], [1, 2, 9]],
    ["nothing", [1, 2, 9], [1, 2, 9]],
  ] as const)("drops %s", async ([, path, expected]) => {
    const toy = history((before, last) => last === 9 && holds(before, "12"));

    expect((await shrunk(toy, path)).path).toEqual(expected);
  });

  test("drops a step that only a later one had made necessary", async () => {
    // 1 is needed as long as 2 is there; 2 never.
    const toy = history((before) => !before.includes("2") || before.includes("1"));

    expect((await shrunk(toy, [1, 2, 9])).path).toEqual([9]);
  });

  test("cuts a loop whose steps cannot be dropped one by one", async () => {
    // The last step fails where all is closed and there is one mark.
    const toy = { step: brackets, fails: (before: string) => before === "*" };

    const { path, runs } = await shrunk(toy, [1, 2, 3, 1, 1, 2, 2, 9]);

    expect(path).toEqual([3, 9]);
    expect(runs.slice(0, 2)).toEqual([
      [1, 2, 3, 9],
      [3, 9],
    ]);
  });

  test("throws a long walk's noise away by halves", async () => {
    const toy = history((before, last) => last === 9 && before.endsWith("12"));
    const walk = [...Array.from({ length: 62 }, () => 5), 1, 2, 9];

    const { path, runs } = await shrunk(toy, walk);

    expect(path).toEqual([1, 2, 9]);
    expect(runs.length).toBeLessThan(30);
  });

  const pathAndRule = fc.record({
    path: fc.array(fc.nat(4), { minLength: 1, maxLength: 12 }),
    wanted: fc.array(fc.nat(4), { maxLength: 3 }),
    refused: fc.array(fc.nat(4), { maxLength: 2 }),
  });
  type Rule = typeof pathAndRule extends fc.Arbitrary<infer R> ? R : never;

  /** Fails when the wanted steps were taken in order, or one that is refused was not. */
  const ruleOf = ({ wanted, refused }: Rule): TextToy =>
    history(
      (before) =>
        holds(before, wanted.join("")) || refused.every((no) => !holds(before, String(no))),
    );

  test("is minimal, repeatable and bounded, and keeps the last step", async () => {
    await fc.assert(
      fc.asyncProperty(pathAndRule, async (rule) => {
        const toy = ruleOf(rule);
        fc.pre(failing(toy, rule.path) !== undefined);

        const { path, runs } = await shrunk(toy, rule.path);

        expect(failing(toy, path)).toBeDefined();
        for (const index of path.slice(0, -1).keys()) {
          expect(failing(toy, path.toSpliced(index, 1))).toBeUndefined();
        }
        expect(path.at(-1)).toBe(rule.path.at(-1));
        expect(runs.length).toBeLessThanOrEqual(2 * rule.path.length ** 2);
        expect((await shrunk(toy, path)).path).toEqual(path);
      }),
    );
  });
});
