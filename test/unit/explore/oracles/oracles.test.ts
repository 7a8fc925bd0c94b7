import { describe, expect, test } from "vitest";
import { ORACLES, type OracleName } from "../../../../src/explore/oracles/index.ts";
import type { JudgedChange, JudgedExchange } from "../../../../src/explore/oracles/oracle.ts";

/** Requests as `GET /orders 200`. */
function exchanges(...lines: readonly string[]): readonly JudgedExchange[] {
  return lines.map((line) => {
    const [method = "", target = "", status] = line.split(" ");
    const known = status === undefined ? undefined : Number(status);
    return { method, target, status: known, request: `${method} ${target}` };
  });
}

const row = { system: "db", collection: "orders", added: 0, removed: 0, changed: 0 };
const ADDED: readonly JudgedChange[] = [{ ...row, added: 1 }];
const REMOVED: readonly JudgedChange[] = [{ ...row, removed: 1 }];
const CHANGED: readonly JudgedChange[] = [{ ...row, changed: 2 }];
const NOTHING: readonly JudgedChange[] = [];

type Case = readonly [
  requests: readonly string[],
  changes: readonly JudgedChange[],
  verdict: string | undefined,
];

const CASES: Readonly<Record<OracleName, readonly Case[]>> = {
  noServerErrors: [
    [["GET /a 200", "POST /b 503"], NOTHING, "POST /b was answered 503"],
    [["GET /a 499"], NOTHING, undefined],
    [["GET /a"], NOTHING, undefined],
    [[], CHANGED, undefined],
  ],
  readsChangeNothing: [
    [["GET /a 200"], CHANGED, "GET /a changed db.orders"],
    [["HEAD /a 404", "GET /b 200"], ADDED, "HEAD /a changed db.orders"],
    [["GET /a 200"], NOTHING, undefined],
    // Whose change it was cannot be told.
    [["GET /a 200", "POST /a 201"], ADDED, undefined],
    [[], ADDED, undefined],
  ],
  refusalsChangeNothing: [
    [["POST /a 409"], ADDED, "POST /a was answered 409 and changed db.orders"],
    [["POST /a 409"], NOTHING, undefined],
    [["POST /a 409", "POST /a 201"], ADDED, undefined],
    [["POST /a"], ADDED, undefined],
    [["POST /a 302"], ADDED, undefined],
  ],
  deletesRemove: [
    [["DELETE /a 204"], NOTHING, "DELETE /a was answered 204 and removed nothing"],
    [["DELETE /a 200"], ADDED, "DELETE /a was answered 200 and removed nothing"],
    [["DELETE /a 204"], REMOVED, undefined],
    // Marked as removed.
    [["DELETE /a 204"], CHANGED, undefined],
    [["DELETE /a 202"], NOTHING, undefined],
    [["DELETE /a 404"], NOTHING, undefined],
    [["DELETE /a 204", "GET /a 404"], NOTHING, undefined],
  ],
  repeatsChangeNothing: [
    [["PUT /a 200"], CHANGED, "PUT /a, sent twice in a row, changed db.orders again"],
    [["DELETE /a 204"], REMOVED, "DELETE /a, sent twice in a row, changed db.orders again"],
    [["PUT /a 200"], NOTHING, undefined],
    [["POST /a 201"], ADDED, undefined],
    [["PUT /a 409"], CHANGED, undefined],
  ],
};

describe.for(Object.entries(CASES) as [OracleName, readonly Case[]][])("%s", ([name, cases]) => {
  test.for(cases)("%j with changes %j", ([requests, changes, verdict]) => {
    const step = { exchanges: exchanges(...requests), changes: () => changes, isRepeat: true };
    expect(ORACLES[name].judge(step)).toBe(verdict);
  });
});

test("a first PUT is not judged as a repeat", () => {
  const step = { exchanges: exchanges("PUT /a 200"), changes: () => CHANGED, isRepeat: false };
  expect(ORACLES.repeatsChangeNothing.judge(step)).toBeUndefined();
});

test("those that good apps may break are off by default", () => {
  const on = Object.entries(ORACLES).flatMap(([name, { isDefault }]) => (isDefault ? [name] : []));
  expect(on).toEqual(["noServerErrors", "readsChangeNothing", "refusalsChangeNothing"]);
});
