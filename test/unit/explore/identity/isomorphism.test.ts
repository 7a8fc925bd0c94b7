import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalForm } from "../../../../src/explore/identity/index.ts";
import { ID, formOf, referenceTo, system } from "./worlds.ts";
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
    fc.property(abstractWorld(5), fc.tuple(naming, naming), fc.nat(), (world, names, seed) => {
      const changed = changedWorld(world, seed);
      const same = isomorphic(world, changed);
      if (same) equal += 1;
      else different += 1;
      const [form, other] = [world, changed].map((it, index) =>
        canonicalForm(concrete(it, names[index] ?? names[0])),
      );
      expect(form === other).toBe(same);
    }),
    RUNS,
  );
  expect(Math.min(equal, different), "both answers occur").toBeGreaterThan(100);
});

test("two worlds have one form exactly when they are isomorphic", () => {
  let equal = 0;
  fc.assert(
    fc.property(abstractWorld(4), abstractWorld(4), naming, (a, b, names) => {
      const same = isomorphic(a, b);
      if (same) equal += 1;
      expect(canonicalForm(concrete(a, names)) === canonicalForm(concrete(b, names))).toBe(same);
    }),
    RUNS,
  );
  expect(equal, "isomorphic pairs").toBeGreaterThan(0);
});

test("two graphs of equal degrees have one form exactly when they are isomorphic", () => {
  const answers = { equal: 0, different: 0 };
  fc.assert(
    fc.property(graph, naming, fc.nat(), (links, names, seed) => {
      const other = switched(links, seed);
      const same = permutations(SIZE).some((image) => textOf(links, image) === textOf(other));
      answers[same ? "equal" : "different"] += 1;
      expect(
        followForm(links, names.numbers) === followForm(other, names.shuffle.map(unique)),
      ).toBe(same);
    }),
    { numRuns: 500 },
  );
  expect(Math.min(answers.equal, answers.different), "both answers occur").toBeGreaterThan(20);
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

// Two graphs of seven users in which everybody follows four and is followed by them: refinement sees
// no difference. In the first, those who do not follow each other form a ring of three and one of
// four, so that the ties are no symmetries; in the second they form one ring of seven.
const TWO_RINGS = othersThan(["0,1", "1,2", "0,2", "3,4", "4,5", "5,6", "3,6"]);
const ONE_RING = othersThan(["0,1", "1,2", "2,3", "3,4", "4,5", "5,6", "0,6"]);

test("keeps one form for a graph whose ties are no symmetry, and tells it from its like", () => {
  expect(formsOf(TWO_RINGS).size).toBe(1);
  expect(formsOf(ONE_RING).size).toBe(1);
  expect(formsOf(TWO_RINGS)).not.toEqual(formsOf(ONE_RING));
});

test("keeps one form for such graphs side by side", () => {
  const parts = [TWO_RINGS, ONE_RING, TWO_RINGS];
  const links = parts.flatMap((part, index) => [
    ...users(7).map((user) => [0, 1 + index * 7 + user] as const),
    ...part.map(([a, b]) => [1 + index * 7 + a, 1 + index * 7 + b] as const),
  ]);
  const forms = fc.sample(naming, 50).map(({ numbers }) => followForm(links, numbers, 22));
  expect(new Set(forms).size).toBe(1);
});

test("keeps one form for copies of a graph that hang on one hub", () => {
  fc.assert(
    fc.property(fc.array(smallGraph, { minLength: 1, maxLength: 3 }), naming, (graphs, names) => {
      const parts = [...graphs, ...graphs];
      const links = parts.flatMap((part, index) => {
        const at = 1 + index * 3;
        return [[0, at] as const, ...part.map(([a, b]) => [at + a, at + b] as const)];
      });
      const size = 1 + parts.length * 3;
      const one = followForm(links, names.numbers, size);
      expect(followForm(links.toReversed(), names.shuffle.map(unique), size)).toBe(one);
    }),
    RUNS,
  );
});

const smallGraph: fc.Arbitrary<Links> = fc.uniqueArray(fc.tuple(fc.nat(2), fc.nat(2)), {
  maxLength: 5,
  selector: String,
});

/** How many users the graphs have: all 720 bijections are tried. */
const SIZE = 6;

/** Who follows whom, as user numbers; a table without a key of its own. */
type Links = readonly (readonly [number, number])[];

const graph: fc.Arbitrary<Links> = fc.uniqueArray(fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1)), {
  minLength: 4,
  maxLength: 9,
  selector: ([a, b]) => a * SIZE + b,
});

/** All links among seven users, both ways, except these. */
function othersThan(apart: readonly string[]): Links {
  return users(7).flatMap((a) =>
    users(7).flatMap((b) =>
      a === b || apart.includes(`${Math.min(a, b)},${Math.max(a, b)}`) ? [] : [[a, b] as const],
    ),
  );
}

/** Exchanges the targets of two links: everybody keeps as many links as before. */
function switched(links: Links, seed: number): Links {
  const at = seed % links.length;
  const to = (seed >> 4) % links.length;
  const [one, two] = [links[at] ?? [0, 0], links[to] ?? [0, 0]];
  const changed = links.with(at, [one[0], two[1]]).with(to, [two[0], one[1]]);
  return at === to || new Set(changed.map(String)).size < links.length ? links : changed;
}

function textOf(links: Links, image?: readonly number[]): string {
  return links
    .map((link) => link.map((user) => image?.[user] ?? user).join(">"))
    .toSorted()
    .join();
}

function permutations(size: number): readonly (readonly number[])[] {
  if (size === 0) return [[]];
  return permutations(size - 1).flatMap((shorter) =>
    Array.from({ length: size }, (_, at) => shorter.toSpliced(at, 0, size - 1)),
  );
}

function followForm(links: Links, names: readonly number[], size = SIZE): string {
  const ids = users(size).map((user) => names[user] ?? 0);
  const order = ids.toSorted((a, b) => a - b);
  const columns = [referenceTo("users", "follower"), referenceTo("users", "followee")];
  return formOf([
    system("db", {
      users: { columns: [ID], rows: order.map((id) => [id]) },
      follows: { columns, rows: links.map((link) => link.map((user) => ids[user] ?? 0)) },
    }),
  ]);
}

function users(size: number): readonly number[] {
  return Array.from({ length: size }, (_, user) => user);
}

/** The forms under many namings; one, if all is well. */
function formsOf(links: Links): Set<string> {
  return new Set(fc.sample(naming, 50).map(({ numbers }) => followForm(links, numbers, 7)));
}

/** Makes any numbers distinct. */
function unique(value: number, index: number): number {
  return (value % 1000) * 100 + index;
}

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
