import { expect, test } from "vitest";
import explore from "../../../src/plugin/index.ts";

test.for([
  undefined,
  {},
  { report: "json" },
  { report: ["json", "mermaid", "html"] },
  { report: [] },
] as const)("the plugin may be called with %j", (options) => {
  expect(explore(options).name).toBe("vitest-explore");
});

test("a misspelt option is told what it is most like", () => {
  expect(() => explore({ reports: "json" } as never)).toThrow("Did you mean `report`?");
});

test.for([
  [{ runner: false }, "explore(): runner is not an option.\nThe options are report."],
  [
    { report: ["json", "pdf"] },
    'explore(): report must name a report, got "pdf".\nThe reports are json, mermaid, html.',
  ],
  ["fast", 'explore() was called with "fast".\nGive an object: `explore({ report: "json" })`.'],
  [null, 'explore() was called with null.\nGive an object: `explore({ report: "json" })`.'],
] as const)("refuses %j", ([options, message]) => {
  // A user without types may pass anything.
  expect(() => explore(options as never)).toThrow(
    expect.objectContaining({ code: "EXPLORE_USAGE", message }),
  );
});
