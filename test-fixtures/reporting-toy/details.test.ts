import { beforeEach, test as base, vi } from "vitest";
import { exploreOn, sleep } from "./toy.ts";

const spy = vi.fn<() => void>();
const test = base.extend("colour", async () => {
  await sleep(1);
  return "green";
});

beforeEach(() => {
  console.log("before the driver");
});

exploreOn(test)("details", {
  fixtures: ["colour"],
  depth: 1,
  actions: {
    print: async ({ fixtures }) => {
      await sleep(3);
      console.log(`printed by a branch, ${String(fixtures.colour)}`);
    },
    note: ({ annotate }) => {
      annotate("a note", "hint");
    },
    remember: ({ expect }) => {
      expect({ kept: true }).toMatchSnapshot();
    },
    "remember too": ({ expect }) => {
      expect("another").toMatchSnapshot();
    },
    soft: ({ expect }) => {
      expect.soft(1, "first").toBe(2);
      expect.soft(3, "second").toBe(4);
    },
    compare: ({ expect }) => {
      expect({ paid: 1, name: "order" }).toEqual({ paid: 2, name: "order" });
    },
    "mocks are cleared": () => {
      spy();
      if (spy.mock.calls.length !== 1) throw new Error("a mock was not cleared");
    },
    "mocks are cleared again": () => {
      spy();
      if (spy.mock.calls.length !== 1) throw new Error("a mock was not cleared");
    },
    "throws text": () => {
      throw "plain text";
    },
    "fails elsewhere": () => {
      JSON.parse("{");
    },
    flaky: ({ attempt }) => {
      if (attempt === 0) throw new Error("the first attempt");
    },
  },
});
