import { expect, test } from "vitest";
import explore from "../../../src/plugin/index.ts";

test("the plugin is called without options", () => {
  expect(explore().name).toBe("vitest-explore");
  expect(explore({}).name).toBe("vitest-explore");
});

test.for([
  [{ runner: false }, 'explore() has no option "runner".\nIt takes no options.'],
  ["fast", 'explore() was called with "fast".\nIt takes no arguments.'],
  [null, "explore() was called with null.\nIt takes no arguments."],
] as const)("refuses %j", ([options, message]) => {
  // A user without types may pass anything.
  expect(() => explore(options as never)).toThrow(
    expect.objectContaining({ code: "EXPLORE_USAGE", message }),
  );
});
