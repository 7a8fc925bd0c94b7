import { ExploreError } from "../../errors.ts";
import { exitText, type Exit } from "../../provision/ownership/process-group.ts";
import type { Output } from "./output.ts";

const OUTPUT_LINES = 20;

/** The facts about an app's process that messages show. */
export interface AppFacts {
  /** As the spec gives it. */
  readonly command: string;
  readonly cwd: string;
  readonly url: string;
  readonly output: Output;
}

/** Says that a started app does not serve. `problem` ends the sentence "The app is not ready: it …". */
export function appNotReady(
  facts: AppFacts,
  { problem, exit, cause }: { problem: string; exit?: Exit | undefined; cause?: unknown },
): ExploreError {
  return new ExploreError(
    "EXPLORE_APP_NOT_READY",
    `The app is not ready: ${problem}.\n${describe(facts)}` +
      "It must listen on HOST (127.0.0.1) and PORT as its environment gives them; " +
      "readyTimeoutMs gives it more time.",
    { details: details(facts, exit), ...(cause === undefined ? {} : { cause }) },
  );
}

/** Says that the app's process ended while it was explored. */
export function appDied(
  facts: AppFacts,
  { exit, during, cause }: { exit: Exit; during: string; cause?: unknown },
): ExploreError {
  return new ExploreError(
    "EXPLORE_APP_DIED",
    `The app died ${during}: it ${exitText(exit)}.\n${describe(facts)}` +
      "It is started again at the next rollback. An app must survive every request.",
    { details: { ...details(facts, exit), during }, ...(cause === undefined ? {} : { cause }) },
  );
}

/** Says that nothing accepts connections at the app's URL. */
export function appUnreachable(url: string, during: string, cause: unknown): ExploreError {
  return new ExploreError(
    "EXPLORE_APP_UNREACHABLE",
    `The app at ${url} cannot be reached ${during}: ${reasonOf(cause)}.\n` +
      "Start it, or let it be started: http({ command }).",
    { cause, details: { url, during } },
  );
}

/** Says that a response did not arrive in time. */
export function requestTimeout(
  during: string,
  timeoutMs: number,
  output: Output | undefined,
): ExploreError {
  return new ExploreError(
    "EXPLORE_REQUEST_TIMEOUT",
    `No complete response ${during} within ${timeoutMs} ms.\n` +
      (output === undefined ? "" : outputText(output)) +
      "The app hangs, or it needs more: requestTimeoutMs, or timeoutMs for one request.",
    { details: { during, timeoutMs } },
  );
}

/** Says that a handler in the test's process threw instead of answering. */
export function appThrew(during: string, cause: unknown): ExploreError {
  return new ExploreError(
    "EXPLORE_APP_THREW",
    `The app's fetch handler threw ${during}: ${reasonOf(cause)}.\n` +
      "A handler answers each request with a Response; a failure is a response too.",
    { cause, details: { during } },
  );
}

/** The first thing an error has to say, whatever was thrown. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // Node joins the failures for each address of a host without a message of its own.
  if (cause.message === "" && cause instanceof AggregateError) return reasonOf(cause.errors[0]);
  return cause.message;
}

function describe({ command, cwd, url, output }: AppFacts): string {
  return `  command: ${command}\n  folder:  ${cwd}\n  url:     ${url}\n${outputText(output)}`;
}

function outputText(output: Output): string {
  const lines = output.lastLines(OUTPUT_LINES);
  if (lines.length === 0) return "  output:  (none)\n";
  return `  output:\n${lines.map((line) => `    ${line}`).join("\n")}\n`;
}

function details(
  { command, cwd, url, output }: AppFacts,
  exit: Exit | undefined,
): Record<string, unknown> {
  return { command, cwd, url, output: output.lastLines(OUTPUT_LINES).join("\n"), ...exit };
}
