import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalForm } from "../../../../src/explore/identity/index.ts";
import type { AbstractRow, AbstractWorld } from "./small-worlds.ts";
import { abstractWorld, concrete, isomorphic, naming } from "./small-worlds.ts";

const RUNS = { numRuns: 1500 };

test("renaming generated values and reordering rows and collections keeps the form", () => {
  fc.assert(
    fc.property(abstractWorld(14), naming, naming, (world, one, other) => {
      expect(canonicalForm(concrete(world, one))).toBe(canonicalForm(concrete(world, other)));
    }),
    RUNS,
  );
});

test("one change gives another form exactly when no renaming undoes it", () => {
  let equal = 0;
  let different = 0;
  fc.assert(
    fc.property(abstractWorld(5), naming, naming, fc.nat(), (world, one, other, seed) => {
      const changed = changedWorld(world, seed);
      const same = isomorphic(world, changed);
      if (same) equal += 1;
      else different += 1;
      const forms = [canonicalForm(concrete(world, one)), canonicalForm(concrete(changed, other))];
      expect(forms[0] === forms[1]).toBe(same);
    }),
    RUNS,
  );
  expect(Math.min(equal, different), "both answers occur").toBeGreaterThan(100);
});

test("two worlds have one form exactly when they are isomorphic", () => {
  fc.assert(
    fc.property(abstractWorld(4), abstractWorld(4), naming, (a, b, names) => {
      const same = canonicalForm(concrete(a, names)) === canonicalForm(concrete(b, names));
      expect(same).toBe(isomorphic(a, b));
    }),
    RUNS,
  );
});

// Users that refer to each other in rings: refinement sees no difference between two rings of
// three and one of six, nor between the members of a ring.
test.for([
  ["a ring of six", [1, 2, 3, 4, 5, 0], "two rings of three", [1, 2, 0, 4, 5, 3]],
  ["a ring of four", [1, 2, 3, 0], "two rings of two", [1, 0, 3, 2]],
  ["a ring of five", [1, 2, 3, 4, 0], "a ring of three and one of two", [1, 2, 0, 4, 3]],
] as const)("tells %s from the other", ([, left, , right]) => {
  const names = fc.sample(naming, 20);
  const forms = (refs: readonly number[]): Set<string> =>
    new Set(names.map((name) => canonicalForm(concrete(rings(refs), name))));
  expect(forms(left).size).toBe(1);
  expect(forms(right).size).toBe(1);
  expect(forms(left)).not.toEqual(forms(right));
});

test("keeps one form for every naming of a ring with one row marked", () => {
  const world = rings([1, 2, 3, 4, 5, 6, 0]);
  const marked = {
    ...world,
    rows: world.rows.map((row) => ({ ...row, plain: row.id === 3 ? 1 : 0 })),
  };
  const forms = fc.sample(naming, 50).map((name) => canonicalForm(concrete(marked, name)));
  expect(new Set(forms).size).toBe(1);
});

function rings(refs: readonly number[]): AbstractWorld {
  return {
    nodes: refs.map(() => ({ kind: "users" })),
    rows: refs.map((ref, id) => ({ collection: "users", id, ref, token: undefined, plain: 0 })),
    context: [],
  };
}

/** Another plain value, another target of a reference or token, or another context. */
function changedWorld(world: AbstractWorld, seed: number): AbstractWorld {
  const index = seed % Math.max(1, world.rows.length);
  const row = world.rows[index];
  if (row === undefined || seed % 7 === 0) {
    return { ...world, context: world.context.toReversed() };
  }
  const replace = (change: Partial<AbstractRow>): AbstractWorld => ({
    ...world,
    rows: world.rows.with(index, { ...row, ...change }),
  });
  const sameKind = (node: number | undefined): number | undefined => {
    const kind = world.nodes[node ?? -1]?.kind;
    const all = world.nodes.flatMap((other, at) => (other.kind === kind ? [at] : []));
    return all[(seed >> 3) % Math.max(1, all.length)];
  };
  if (seed % 3 === 0) return replace({ plain: row.plain + 1 });
  if (seed % 3 === 1) return replace({ ref: sameKind(row.ref) });
  return replace({ token: sameKind(row.token) });
}
