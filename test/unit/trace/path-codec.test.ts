import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  actionNumber,
  decodeToken,
  encodePath,
  encodeToken,
  inputKey,
  withInput,
  withoutInputs,
} from "../../../src/trace/path-codec.ts";

const ACTIONS = ["create", "refund", "cancel"];

test("decoding what was encoded gives the token back", () => {
  const action = fc.nat(ACTIONS.length - 1);
  const key = fc.tuple(fc.stringMatching(/^[0-9a-z]{1,6}$/), fc.array(fc.nat()));
  const named = fc
    .tuple(action, key)
    .map(([step, [seed, route]]) => withInput(step, [seed, ...route].join(":")));
  const path = fc.array(fc.oneof(action, named));
  const seed = fc.option(fc.integer(), { nil: undefined });
  fc.assert(
    fc.property(path, seed, (steps, number) => {
      const token = { path: steps, ...(number !== undefined && { seed: number }) };
      expect(decodeToken("replay", encodeToken(token), ACTIONS)).toEqual(token);
    }),
  );
});

test("a step is an action's number and, where it has one, its input", () => {
  const { path } = decodeToken("replay", "2/1:k3f9a:0/0", ACTIONS);

  expect(path).toEqual([2, "1:k3f9a:0", 0]);
  expect(path.map(actionNumber)).toEqual([2, 1, 0]);
  expect(path.map(inputKey)).toEqual([undefined, "k3f9a:0", undefined]);
  expect(withInput("1:k3f9a:0", "b")).toBe("1:b");
  expect(encodePath(withoutInputs(path))).toBe("2/1/0");
});

test.for([
  ["1:", 'step 1 is "1:"'],
  ["0/1:A", 'step 2 is "1:A"'],
  ["1:k3:", 'step 1 is "1:k3:"'],
  ["1:k3:x", 'step 1 is "1:k3:x"'],
  ["3:k3", 'step 1 is "3:k3"'],
  ["x", 'step 1 is "x"'],
  ["", 'step 1 is ""'],
  ["1//2", 'step 2 is ""'],
  ["-1", 'step 1 is "-1"'],
  ["0/1e0", 'step 2 is "1e0"'],
  ["1/99999", 'step 2 is "99999"'],
  ["0/3", 'step 2 is "3"'],
  ["0/1@x", 'step 2 is "1@x"'],
])("refuses %j and names the bad step", ([text = "", problem]) => {
  expect(() => decodeToken("replay", text, ACTIONS)).toThrow(
    expect.objectContaining({
      code: "EXPLORE_USAGE",
      message: expect.stringContaining(problem ?? ""),
    }),
  );
});

test("the refusal lists what there is", () => {
  expect(() => decodeToken("EXPLORE_REPLAY", "0/7", ACTIONS)).toThrowErrorMatchingInlineSnapshot(`
    [ExploreError [EXPLORE_USAGE]: EXPLORE_REPLAY is "0/7": step 2 is "7", which is the number of no action.
    The actions are 0 create, 1 refund, 2 cancel. Take the path from the report of a failure, e.g. \`0/2/1\`; \`/\` is the initial state.]
  `);
});
