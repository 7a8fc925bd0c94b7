import { expect, test } from "vitest";
import type { RunnerTask, RunnerTestFile, Vitest } from "vitest/node";
import { metaOf } from "../../../../src/bridge.ts";
import { mergeBlobs } from "../../../../src/plugin/sharing/merge-blobs.ts";

interface Given {
  readonly id: string;
  readonly state?: "pass" | "fail" | "skip";
  readonly path?: string;
  readonly from?: string;
  readonly error?: string;
  readonly log?: string;
  readonly tasks?: readonly Given[];
}

function taskOf({ id, state = "pass", path, from, error, log, tasks }: Given): RunnerTask {
  const meta = path === undefined ? {} : metaOf({ role: "branch", path, ...(from && { from }) });
  const task = {
    id,
    name: id,
    type: tasks === undefined ? "test" : "suite",
    mode: state === "skip" ? "skip" : "run",
    meta,
    annotations: [],
    artifacts: [],
    result: {
      state,
      duration: id.length,
      ...(error && { errors: [{ name: "Error", message: error }] }),
    },
    ...(log && { logs: [{ type: "stdout", content: log, time: 1 }] }),
  };
  const children = tasks?.map(taskOf);
  return Object.assign(task, children && { tasks: children }) as unknown as RunnerTask;
}

function fileOf(given: Given): RunnerTestFile {
  const file = taskOf(given) as unknown as RunnerTestFile;
  const visit = (suite: RunnerTestFile | RunnerTask): void => {
    if (suite.type !== "suite") return;
    for (const task of suite.tasks) {
      task.file = file;
      task.suite = suite;
      visit(task);
    }
  };
  file.file = file;
  visit(file);
  return file;
}

function merged(...blobs: readonly Given[]): readonly RunnerTestFile[] {
  const files = blobs.map(fileOf);
  mergeBlobs({ state: { blobs: { files } } } as unknown as Vitest);
  return files;
}

function shape(task: RunnerTask): unknown {
  const own = `${task.id} ${task.result?.state}`;
  return task.type === "suite" ? { [own]: task.tasks.map(shape) } : own;
}

test("a file that is in one blob is left alone", () => {
  const [one, other] = merged({ id: "a", tasks: [{ id: "a_0" }] }, { id: "b", tasks: [] });

  expect([one, other].map((file) => file && shape(file))).toEqual([
    { "a pass": ["a_0 pass"] },
    { "b pass": [] },
  ]);
});

test("a test is as the shard has reported it that ran it, in the order of declaration", () => {
  const [file, ...others] = merged(
    { id: "f", tasks: [{ id: "f_1", state: "skip" }, { id: "f_2" }] },
    { id: "f", state: "fail", tasks: [{ id: "f_0" }, { id: "f_1", state: "fail", error: "no" }] },
  );

  expect(others).toEqual([]);
  expect(file && shape(file)).toEqual({ "f fail": ["f_0 pass", "f_1 fail", "f_2 pass"] });
  expect(file?.tasks.map(({ mode }) => mode)).toEqual(["run", "run", "run"]);
  expect(file?.tasks[1]?.result?.errors).toHaveLength(1);
});

test("suites are merged, and what comes from another blob belongs to the file", () => {
  const [file] = merged(
    { id: "f", tasks: [{ id: "f_0", tasks: [{ id: "f_0_0" }] }] },
    {
      id: "f",
      tasks: [
        { id: "f_0", tasks: [{ id: "f_0_1" }] },
        { id: "f_1", tasks: [{ id: "f_1_0" }] },
      ],
    },
  );

  expect(file && shape(file)).toEqual({
    "f pass": [{ "f_0 pass": ["f_0_0 pass", "f_0_1 pass"] }, { "f_1 pass": ["f_1_0 pass"] }],
  });
  const [first, second] = file?.tasks ?? [];
  for (const suite of [first, second]) {
    expect(suite?.file).toBe(file);
    for (const task of suite?.type === "suite" ? suite.tasks : []) {
      expect(task.file).toBe(file);
      expect(task.suite).toBe(suite);
    }
  }
});

test("what all have reported is told once: errors, output, the longest time", () => {
  const [file] = merged(
    { id: "f", tasks: [{ id: "f_0", state: "fail", error: "a", log: "hello" }] },
    { id: "f", tasks: [{ id: "f_0", state: "fail", error: "a", log: "hello" }] },
    { id: "f", tasks: [{ id: "f_0", state: "fail", error: "b", log: "there" }] },
  );

  const [test0] = file?.tasks ?? [];
  expect(test0?.result?.errors?.map(({ message }) => message)).toEqual(["a", "b"]);
  expect(test0?.logs?.map(({ content }) => content)).toEqual(["hello", "there"]);
});
