/** The name of the test that explores, inside the suite that has the exploration's name. */
export const DRIVER_NAME = "exploration";

/** The environment variable that names a path to run alone. */
export const REPLAY_VARIABLE = "EXPLORE_REPLAY";

/** Which path is run, and where. */
export interface ReplayTarget {
  /** `0/2/1`, or `/` for the initial state. */
  readonly token: string;
  /** The test file. */
  readonly module: string;
  readonly project?: string | undefined;
  /** Tells the exploration from the other tests of its file; absent when there are none. */
  readonly pattern?: string | undefined;
}

/** The command that runs one path again, whatever was run before; for a POSIX shell. */
export function commandFor({ token, module, project, pattern }: ReplayTarget): string {
  const where = project === undefined || project === "" ? "" : ` --project "${project}"`;
  const only = pattern === undefined ? "" : ` -t "${pattern}"`;
  return `${REPLAY_VARIABLE}=${token} npx vitest run ${module}${where}${only}`;
}

/**
 * A pattern that tells an exploration from others, in the way of both Vitest majors.
 *
 * @param name - With the names of the suites around it, joined by ` > `.
 * @param others - The full names of the other tests and explorations of its file.
 */
export function patternFor(name: string, others: readonly string[]): string {
  const pattern = name.split(" > ").map(literally).join(".*");
  const isAmbiguous = others.some((other) => new RegExp(pattern).test(other));
  // A space or ` > ` joins names: with the driver's the name is whole.
  return isAmbiguous ? `${pattern}.{1,3}${DRIVER_NAME}$` : pattern;
}

/** Replaces what a regular expression or a shell would read as a sign by "any character". */
function literally(text: string): string {
  return text.replaceAll(/[?*+()[\]{}|^$\\"`!]/g, ".");
}
