import type { RunnerTaskResult, RunnerTestCase } from "vitest/node";

/**
 * The result of a branch whose worker has gone: no runner is left to report it, but the main process
 * knows the case since before the branch ran.
 */
export function workerCrash({ name, file, location, result }: RunnerTestCase): RunnerTaskResult {
  const startTime = result?.startTime ?? Date.now();
  const message =
    `The worker stopped while this branch was running: ${shorten(name)}\n` +
    "Its process was killed, ran out of memory, or crashed in native code.";
  const frames = location ? [{ method: "test.explore", file: file.filepath, ...location }] : [];
  const stack = frames.map(
    ({ method, file: path, line, column }) => `\n    at ${method} (${path}:${line}:${column})`,
  );
  return {
    state: "fail",
    startTime,
    duration: Date.now() - startTime,
    errors: [
      {
        name: "WorkerCrash",
        message,
        stack: `WorkerCrash: ${message}${stack.join("")}`,
        stacks: frames,
      },
    ],
  };
}

/** A random walk's branch may be hundreds of steps long; its end tells most. */
function shorten(name: string): string {
  return name.length > 300 ? `… ${name.slice(-300)}` : name;
}
