import { expect, test } from "vitest";
import explore from "../../../src/plugin/index.ts";

test.for([
  undefined,
  {},
  { report: "json" },
  { report: ["json", "mermaid", "html"] },
  { report: [] },
  { workers: 2 },
  { rerunUnchanged: true },
] as const)("the plugin may be called with %j", (options) => {
  expect(explore(options).name).toBe("vitest-explore");
});

test("a misspelt option is told what it is most like", () => {
  expect(() => explore({ reports: "json" } as never)).toThrow("Did you mean `report`?");
});

test.for([
  [
    { runner: false },
    "explore(): runner is not an option.\nThe options are report, workers, rerunUnchanged.",
  ],
  [
    { workers: 0 },
    "explore(): workers must be a positive integer, got 0.\nLeave it out for the default, 1.",
  ],
  [
    { workers: "2" },
    'explore(): workers must be a positive integer, got "2".\nLeave it out for the default, 1.',
  ],
  [
    { report: ["json", "pdf"] },
    'explore(): report must name a report, got "pdf".\nThe reports are json, mermaid, html.',
  ],
  [
    { rerunUnchanged: "yes" },
    'explore(): rerunUnchanged must be true or false, got "yes".\nGive true or false, or leave the option out.',
  ],
  ["fast", 'explore() was called with "fast".\nGive an object: `explore({ report: "json" })`.'],
  [null, 'explore() was called with null.\nGive an object: `explore({ report: "json" })`.'],
] as const)("refuses %j", ([options, message]) => {
  // A user without types may pass anything.
  expect(() => explore(options as never)).toThrow(
    expect.objectContaining({ code: "EXPLORE_USAGE", message }),
  );
});
