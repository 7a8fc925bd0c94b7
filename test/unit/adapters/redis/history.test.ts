import { describe, expect, test } from "vitest";
import {
  addNode,
  keysBetween,
  type Node,
  prune,
  type Version,
  versionAt,
} from "../../../../src/adapters/redis/history.ts";

function version(text: string, expiresAt?: number): Version {
  return { payload: Buffer.from(text), expiresAt };
}

function node(parent: Node | undefined, changes: Record<string, Version | undefined>): Node {
  return addNode(parent, { delta: new Map(Object.entries(changes)), at: (parent?.at ?? 0) + 10 });
}

function textAt(at: Node, key: string): string | undefined {
  return versionAt(at, key)?.payload.toString();
}

describe("history of keys", () => {
  test("a key is what the nearest checkpoint above says", () => {
    const root = node(undefined, { a: version("1"), b: version("2") });
    const left = node(root, { a: undefined, c: version("3") });
    const right = node(root, { a: version("4") });

    expect(["a", "b", "c"].map((key) => textAt(left, key))).toEqual([undefined, "2", "3"]);
    expect(["a", "b", "c"].map((key) => textAt(right, key))).toEqual(["4", "2", undefined]);
  });

  test("between two checkpoints are the keys of both ways to where they meet", () => {
    const root = node(undefined, { a: version("1") });
    const trunk = node(root, { trunk: version("1") });
    const left = node(node(trunk, { l: version("1") }), { ll: version("1") });
    const right = node(trunk, { r: version("1") });

    expect([...keysBetween(left, right)].toSorted()).toEqual(["l", "ll", "r"]);
    expect([...keysBetween(left, trunk)].toSorted()).toEqual(["l", "ll"]);
    expect([...keysBetween(trunk, left)].toSorted()).toEqual(["l", "ll"]);
    expect([...keysBetween(left, left)]).toEqual([]);
  });

  test("a released checkpoint between two others is joined to the one below", () => {
    const root = node(undefined, { a: version("1") });
    const middle = node(root, { a: version("2"), b: version("2") });
    const below = node(middle, { b: version("3") });
    middle.released = true;

    prune(middle, below);

    expect(below.parent).toBe(root);
    expect([textAt(below, "a"), textAt(below, "b")]).toEqual(["2", "3"]);
    expect([...keysBetween(root, below)].toSorted()).toEqual(["a", "b"]);
  });

  test("a released leaf takes released ones above it along, but not where the state stands", () => {
    const root = node(undefined, {});
    const middle = node(root, { a: version("1") });
    const leaf = node(middle, { b: version("1") });
    middle.released = true;
    leaf.released = true;

    prune(leaf, leaf);
    expect(middle.children.has(leaf)).toBe(true);
    prune(leaf, root);
    expect(root.children.size).toBe(0);
  });

  test("a key is gone once its time is over at the checkpoint", () => {
    const root = node(undefined, { a: version("1", 15) });
    const later = node(root, {});

    expect(textAt(root, "a")).toBe("1");
    expect(textAt(later, "a")).toBeUndefined();
  });

  test("keys that expire and keys to watch are known, and the sets are shared when they stay", () => {
    const stream = { payload: Buffer.from([19, 0]), expiresAt: undefined };
    const root = node(undefined, { a: version("\0", 100), s: stream });
    const same = node(root, { b: version("\0") });
    const other = node(same, { a: version("\0"), c: version("\0", 90), s: undefined });

    expect([...root.expiring]).toEqual(["a"]);
    expect([...root.watched]).toEqual(["s"]);
    expect(same.expiring).toBe(root.expiring);
    expect([...other.expiring]).toEqual(["c"]);
    expect([...other.watched]).toEqual([]);
  });

  // Redis 7.4 and Valkey 9 have hashes whose fields run out; what comes later may be anything.
  test.for([15, 19, 21, 22, 24, 25, 26])("the server may not tell all of encoding %i", (kind) => {
    const root = node(undefined, { key: { payload: Buffer.from([kind]), expiresAt: undefined } });

    expect([...root.watched]).toEqual(["key"]);
  });

  test("the soonest time is a bound that is looked for again once it is over", () => {
    const root = node(undefined, { a: version("\0", 15), b: version("\0", 500) });
    const later = node(root, { c: version("\0", 300) });
    const last = node(later, { d: version("\0") });

    expect([root, later, last].map(({ soonest }) => soonest)).toEqual([15, 300, 300]);
  });
});
