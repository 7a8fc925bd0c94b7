import { createTest } from "vitest-explore/test";
import { http } from "vitest-explore/http";

const test = createTest({ api: http({ command: "echo started >> started.txt; exit 1" }) });

test("nothing starts for a test that does not use the world", ({ expect }) => {
  expect(1 + 1).toBe(2);
});

test.explore.skip("nor for an exploration that is skipped", { actions: { run: () => {} } });
