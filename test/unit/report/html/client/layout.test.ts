import * as dagre from "@dagrejs/dagre";
import { describe, expect, test } from "vitest";
import { headOf, lineOf } from "../../../../../src/report/html/client/edge-line.ts";
import { type EdgeSize, layOut, type Point } from "../../../../../src/report/html/client/layout.ts";
import { neighbour } from "../../../../../src/report/html/client/neighbour.ts";

const box = { width: 100, height: 40 };
const edge = (from: string, to: string): EdgeSize => ({ from, to, width: 60, height: 17 });
const layout = layOut(dagre, new Map(["a", "b", "c", "d"].map((name) => [name, box])), [
  edge("a", "b"),
  edge("a", "c"),
  edge("b", "d"),
  edge("c", "d"),
]);
const at = (name: string): Point => layout.boxes.get(name) ?? expect.fail(name);

describe("a layout", () => {
  test("has a column for each distance from the root", () => {
    expect(at("b").x).toBe(at("c").x);
    expect(at("b").x).toBeGreaterThan(at("a").x + box.width + 60);
    expect(at("d").x).toBeGreaterThan(at("b").x + box.width + 60);
    expect(Math.abs(at("b").y - at("c").y)).toBeGreaterThan(box.height);
  });

  test("leads edges from the right side of a box to the left side of another", () => {
    const [first] = layout.edges;

    expect(first?.points[0]).toEqual({ x: at("a").x + 50, y: at("a").y });
    expect(first?.points.at(-1)).toEqual({ x: at("b").x - 50, y: at("b").y });
    expect(first?.label.x).toBeGreaterThan(at("a").x + 50 + 30);
    expect(first?.label.x).toBeLessThan(at("b").x - 50 - 30);
  });

  test("keeps everything within its size", () => {
    for (const { x, y } of layout.boxes.values()) {
      expect(x - 50).toBeGreaterThanOrEqual(0);
      expect(x + 50).toBeLessThanOrEqual(layout.width);
      expect(y + 20).toBeLessThanOrEqual(layout.height);
    }
  });
});

describe("arrow keys", () => {
  const places = new Map<string, Point>([
    ["root", { x: 0, y: 100 }],
    ["upper", { x: 200, y: 50 }],
    ["lower", { x: 200, y: 120 }],
    ["far", { x: 400, y: 100 }],
  ]);

  test.for([
    ["root", "right", "lower"],
    ["root", "left", undefined],
    ["root", "up", undefined],
    ["upper", "down", "lower"],
    ["lower", "up", "upper"],
    ["lower", "down", undefined],
    ["upper", "right", "far"],
    ["far", "left", "lower"],
    ["nowhere", "left", undefined],
  ] as const)("lead from %s %s to %s", ([from, direction, to]) => {
    expect(neighbour(places, from, direction)).toBe(to);
  });
});

test("an edge is drawn as curves that end where its head begins", () => {
  const points = [
    { x: 0, y: 0 },
    { x: 50, y: 20 },
    { x: 100, y: 20.04 },
  ];

  expect(lineOf(points)).toBe("M0 0C25 0 25 20 50 20C71 20 71 20 92 20");
  expect(headOf(points)).toBe("M100 20l-8 -4v8z");
  expect([lineOf([]), headOf([])]).toEqual(["", ""]);
});
