import { describe, expect, test } from "vitest";
import { createGraph, follow, next, pathTo } from "../../../src/explore/graph.ts";

describe("a graph", () => {
  test("hands a shorter path on to the states behind it", () => {
    const graph = createGraph("root");
    const { to: a } = graph.record(graph.root, 0, "a");
    const { to: b } = graph.record(a, 0, "b");
    const { to: c } = graph.record(b, 1, "c");
    graph.record(c, 2, "a"); // back, which shortens nothing
    expect(pathTo(c)).toEqual([0, 0, 1]);

    const { to, shallower } = graph.record(graph.root, 5, "b");

    expect(to).toBe(b);
    expect(shallower).toEqual([b, c]);
    expect([a, b, c].map(pathTo)).toEqual([[0], [5], [5, 1]]);
    expect([a, b, c].map(({ depth }) => depth)).toEqual([1, 1, 2]);
    expect(graph.size()).toBe(4);
  });

  test("keeps where an action led the first time", () => {
    const graph = createGraph("root");
    const { to } = graph.record(graph.root, 0, "a");

    expect(graph.record(graph.root, 0, "b")).toEqual({ to, shallower: [] });
    expect(next(graph.root, 0)).toBe(to);
    expect(next(graph.root, 1)).toBeUndefined();
    expect(graph.size()).toBe(2);
  });

  test("follows a path that was run, and no other", () => {
    const graph = createGraph("root");
    const { to: a } = graph.record(graph.root, 0, "a");
    const { to: b } = graph.record(a, 1, "b");

    expect(follow(graph.root, [0, 1]).map(({ to }) => to)).toEqual([a, b]);
    expect(() => follow(graph.root, [1])).toThrowError(
      /No recorded path leads to or from state root/,
    );
  });
});
