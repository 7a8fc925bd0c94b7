import * as fc from "fast-check";
import type { Column, RowChange, Value } from "../../../../src/adapters/adapter.ts";
import type { SystemDiff } from "../../../../src/explore/diffs.ts";

/** A generated value before it has a name: two worlds are compared by their shapes alone. */
export interface Node {
  /** `token` or the collection whose identity it is. */
  readonly kind: string;
}

/** A row whose generated values are node numbers. */
export interface AbstractRow {
  readonly collection: string;
  /** Node number, or undefined for null. */
  readonly id: number;
  readonly ref: number | undefined;
  readonly token: number | undefined;
  readonly plain: number;
}

/** A world without names. `context` mentions nodes. */
export interface AbstractWorld {
  readonly nodes: readonly Node[];
  readonly rows: readonly AbstractRow[];
  readonly context: readonly number[];
}

const COLLECTIONS = ["orders", "items", "users"] as const;

/** Where `ref` of a collection points; users refer to each other. */
const TARGETS: Readonly<Record<string, string>> = {
  orders: "users",
  items: "orders",
  users: "users",
};

/** At most `maxNodes` generated values, so that all bijections can be tried. */
export function abstractWorld(maxNodes: number): fc.Arbitrary<AbstractWorld> {
  return fc
    .record({
      ids: fc.array(fc.constantFrom(...COLLECTIONS), { maxLength: maxNodes }),
      tokens: fc.nat(2),
      picks: fc.infiniteStream(fc.nat(7)),
      context: fc.array(fc.nat(7), { maxLength: 2 }),
    })
    .map(({ ids, tokens, picks, context }) => {
      const kinds = [...ids, ...Array.from({ length: tokens }, () => "token")].slice(0, maxNodes);
      const nodes = kinds.map((kind) => ({ kind }));
      const pick = (): number => picks.next().value ?? 0;
      const oneOf = (kind: string): number | undefined => {
        const all = nodes.flatMap((node, index) => (node.kind === kind ? [index] : []));
        // One in so many is null.
        return all[pick() % (all.length + 1)];
      };
      const rows = nodes.flatMap(({ kind }, id): AbstractRow[] =>
        kind === "token"
          ? []
          : [
              {
                collection: kind,
                id,
                ref: oneOf(TARGETS[kind] ?? ""),
                token: oneOf("token"),
                plain: pick() % 2,
              },
            ],
      );
      return used({ nodes, rows, context: context.flatMap((n) => (n < nodes.length ? [n] : [])) });
    });
}

/** Whether some one-to-one renaming within each kind makes two worlds equal, by trying them all. */
export function isomorphic(a: AbstractWorld, b: AbstractWorld): boolean {
  if (a.nodes.length !== b.nodes.length) return false;
  const wanted = printed(b, (node) => node);
  return tryFrom(0, []);

  function tryFrom(index: number, image: number[]): boolean {
    if (index === a.nodes.length) return printed(a, (node) => image[node] ?? -1) === wanted;
    return b.nodes.some(
      ({ kind }, target) =>
        kind === a.nodes[index]?.kind &&
        !image.includes(target) &&
        tryFrom(index + 1, [...image, target]),
    );
  }
}

/** How to turn an abstract world into one that a database could hold. */
export interface Naming {
  /** Names for the nodes: distinct numbers. */
  readonly numbers: readonly number[];
  /** Decides the order of rows and collections. */
  readonly shuffle: readonly number[];
}

export const naming: fc.Arbitrary<Naming> = fc.record({
  numbers: fc.uniqueArray(fc.integer({ min: 1, max: 9999 }), { minLength: 40, maxLength: 40 }),
  shuffle: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
});

/** Gives every node a value, and rows and collections an order. */
export function concrete(
  world: AbstractWorld,
  { numbers, shuffle }: Naming,
): { readonly systems: readonly SystemDiff[]; readonly context: unknown } {
  const nameOf = (node: number | undefined): Value => {
    if (node === undefined) return null;
    const number = numbers[node] ?? 0;
    return world.nodes[node]?.kind === "token" ? uuid(number) : number;
  };
  const diff = shuffled(COLLECTIONS, shuffle).flatMap((collection) => {
    const rows = world.rows.filter((row) => row.collection === collection);
    const changes = shuffled(rows, shuffle.slice(5)).map((row): RowChange => ({
      after: [nameOf(row.id), nameOf(row.ref), nameOf(row.token), row.plain],
    }));
    return changes.length === 0 ? [] : [{ collection, columns: columnsOf(collection), changes }];
  });
  const context = world.context.map((node) => {
    const kind = world.nodes[node]?.kind ?? "";
    return kind === "token" ? { token: nameOf(node) } : { [`${kind}Id`]: nameOf(node) };
  });
  return { systems: [{ name: "db", diff }], context };
}

function columnsOf(collection: string): readonly Column[] {
  const target = TARGETS[collection] ?? "";
  return [
    { name: "id", role: "identity" },
    { name: "ref", references: { collection: target, column: "id" } },
    { name: "token" },
    { name: "plain" },
  ];
}

/** A UUID that starts with letters and digits, told apart by its last digits. */
function uuid(number: number): string {
  return `a1b2c3d4-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

function shuffled<T>(items: readonly T[], keys: readonly number[]): readonly T[] {
  return items
    .map((item, index) => ({ item, key: keys[index] ?? 0 }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Drops tokens that nothing mentions: they are no part of the world. */
function used(world: AbstractWorld): AbstractWorld {
  const mentioned = new Set([
    ...world.rows.flatMap(({ id, ref, token }) => [id, ref, token]),
    ...world.context,
  ]);
  const kept = world.nodes.flatMap((_, index) => (mentioned.has(index) ? [index] : []));
  const at = (node: number): number => kept.indexOf(node);
  return {
    nodes: kept.map((index) => world.nodes[index] ?? { kind: "" }),
    rows: world.rows.map((row) => ({
      ...row,
      id: at(row.id),
      ref: row.ref === undefined ? undefined : at(row.ref),
      token: row.token === undefined ? undefined : at(row.token),
    })),
    context: world.context.map(at),
  };
}

function printed(world: AbstractWorld, rename: (node: number) => number): string {
  const at = (node: number | undefined): string => (node === undefined ? "-" : `${rename(node)}`);
  const rows = world.rows.map(
    ({ collection, id, ref, token, plain }) =>
      `${collection} ${at(id)} ${at(ref)} ${at(token)} ${plain}`,
  );
  return JSON.stringify([rows.toSorted(), world.context.map(at)]);
}
