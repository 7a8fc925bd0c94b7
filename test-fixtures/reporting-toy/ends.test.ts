import { test } from "vitest";
import { ExplorerError, type ToyArgs, explore, sleep } from "./toy.ts";

// What "end" does is told from outside, since each way to end needs a run of its own.
const ways: Readonly<Record<string, (args: ToyArgs) => unknown>> = {
  kill: async () => {
    process.kill(process.pid, "SIGKILL");
    await sleep(60_000);
  },
  exit: () => process.exit(7),
  "end the exploration": () => {
    throw new ExplorerError("the world is unusable");
  },
  hang: ({ signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("stopped in its step")));
    }),
  "hang deaf": () => sleep(60_000),
  fail: () => {
    throw new Error("failed on purpose");
  },
};

explore("ends", {
  depth: 1,
  actions: {
    before: () => sleep(3),
    end: (args) => ways[process.env.TOY_END ?? "fail"]?.(args),
    after: () => {
      if (process.env.TOY_END === "fail") throw new Error("failed after");
    },
    last: () => sleep(3),
  },
});

test("another test", () => {});
