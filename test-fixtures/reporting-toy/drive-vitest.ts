/**
 * Drives Vitest through its Node API, for what the command line cannot do: run one case by its id, as
 * the UI and editors do, and cancel a run. Prints the states of all cases after each run.
 */
import { type TestCase, type Vitest, createVitest } from "vitest/node";

const [task = "", file = ""] = process.argv.slice(2);

// The mode is needed by Vitest 4 and ignored by Vitest 5.
const vitest = await createVitest("test", {
  watch: true,
  reporters: [{}, ...(task === "cancel" ? [{ onTestCaseReady: cancelAt("end") }] : [])],
});
await vitest.standalone();
const specifications = await vitest.globTestSpecifications([file]);
await vitest.runTestSpecifications(specifications, true);
print(vitest, "first run");
if (task === "ids") {
  await rerun("one branch", (each) => each.name === "pay → pay");
  await rerun("two branches", (each) => each.name.startsWith("add → "));
  await rerun("the driver", (each) => each.name === "exploration");
  await rerun("another test", (each) => each.name === "hand-written");
}
await vitest.close();

async function rerun(title: string, wanted: (each: TestCase) => boolean): Promise<void> {
  const module = vitest.state.getTestModules()[0];
  const cases = [...(module?.children.allTests() ?? [])].filter(wanted);
  const specification = module?.toTestSpecification(cases);
  if (specification !== undefined) await vitest.rerunTestSpecifications([specification]);
  print(vitest, title);
}

function cancelAt(name: string): (each: TestCase) => void {
  return (each) => {
    if (each.name === name) setTimeout(() => void vitest.cancelCurrentRun("keyboard-input"), 100);
  };
}

function print({ state }: Vitest, title: string): void {
  const lines = state.getTestModules().flatMap((module) =>
    [...module.children.allTests()].map((each) => {
      const result = each.result();
      const note = result.state === "skipped" && result.note ? `, ${result.note}` : "";
      const artifacts = each.artifacts().length > 0 ? " with artifacts" : "";
      return `  ${each.fullName}: ${result.state}${note}${artifacts}`;
    }),
  );
  console.log([`${title}:`, ...lines].join("\n"));
}
