// Each exploration is wrong in one way. The suppressed errors are what TypeScript says already.
import { action, always, createTest } from "vitest-explore/test";
import { mock } from "vitest-explore/mock";

const test = createTest({ db: mock() });
const run = (): void => {};

test.explore("two actions of one name", { actions: [action("pay", run), action("pay", run)] });
test.explore("depth 0", { actions: { run }, depth: 0 });
// @ts-expect-error There is no such strategy.
test.explore("an unknown strategy", { actions: { run }, strategy: "best-first" });
// @ts-expect-error An action is a function.
test.explore("an action that is no function", { actions: { pay: "POST /pay" } });
test.explore("an empty action list", { actions: {} });
test.explore("a rule that answers with something else", {
  actions: { run },
  // @ts-expect-error The classic: a block without return.
  invariants: { "stock is never negative": always(async () => {}) },
});
