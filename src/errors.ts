/**
 * Every code the library throws, by who must act on it. Codes are stable within a major version;
 * messages are not. `docs/errors.md` has a heading for each.
 */
const FAMILY_OF_CODE = {
  // The author of the spec.
  EXPLORE_USAGE: "usage",
  EXPLORE_NO_PLUGIN: "usage",
  EXPLORE_CHECKPOINT_UNKNOWN: "usage",
  EXPLORE_MIGRATION_FAILED: "usage",
  // Whoever runs it.
  EXPLORE_DRIVER_MISSING: "machine",
  EXPLORE_FOLDER_UNSAFE: "machine",
  EXPLORE_NO_SERVER: "machine",
  // The backend or the app's use of it.
  EXPLORE_ADAPTER_FAILED: "system",
  EXPLORE_ROLLBACK_INCOMPLETE: "system",
  EXPLORE_WORLD_UNUSABLE: "system",
  EXPLORE_DATABASE_LOCKED: "system",
  EXPLORE_TRANSACTION_OPEN: "system",
  EXPLORE_SAVEPOINT_LOST: "system",
  EXPLORE_SCHEMA_CHANGED: "system",
  EXPLORE_ISOLATION_UNAVAILABLE: "system",
  EXPLORE_DATABASE_ATTACHED: "system",
  EXPLORE_NOT_A_TEST_DATABASE: "usage",
  EXPLORE_REDIS_OUT_OF_MEMORY: "system",
  EXPLORE_CONSUMER_WAITING: "system",
  // The app under exploration.
  EXPLORE_APP_NOT_READY: "app",
  EXPLORE_APP_DIED: "app",
  EXPLORE_APP_UNREACHABLE: "app",
  EXPLORE_REQUEST_TIMEOUT: "app",
  EXPLORE_UNEXPECTED_RESPONSE: "finding",
  EXPLORE_APP_THREW: "finding",
  EXPLORE_STEP_TIMEOUT: "app",
  EXPLORE_REPLAY_DIVERGED: "app",
  EXPLORE_SHARDS_DIFFER: "app",
  // Us.
  EXPLORE_BUG: "bug",
} as const;

/** A stable name for one kind of failure. */
export type ErrorCode = keyof typeof FAMILY_OF_CODE;

/** Who must act: `finding` is the app breaking a rule; every other family is not about the rules. */
export type ErrorFamily = (typeof FAMILY_OF_CODE)[ErrorCode];

/** All codes, in the order of `docs/errors.md`. */
export const ERROR_CODES: readonly ErrorCode[] = Object.keys(FAMILY_OF_CODE) as ErrorCode[];

/** The one error class. Branch on `code`; `details` holds the facts that `message` spells out. */
export class ExploreError extends Error {
  /** Says the code wherever the error is printed, as Node's own errors do. */
  override readonly name: string;
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: ErrorOptions & { readonly details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options);
    this.name = `ExploreError [${code}]`;
    this.code = code;
    this.details = options.details ?? {};
  }
}

/**
 * Tells our errors by their `code`, since only properties survive the way between processes and
 * between two copies of the package.
 */
export function isExploreError(error: unknown): error is ExploreError {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    Object.hasOwn(FAMILY_OF_CODE, error.code)
  );
}

/**
 * The `code` of an error of Node's or of a driver's, `undefined` when it has none. Not told by its
 * class: in Vitest's vm pools their errors are of another realm.
 */
export function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

/** The family of one of our errors, `undefined` for everybody else's. */
export function familyOf(error: unknown): ErrorFamily | undefined {
  return isExploreError(error) ? FAMILY_OF_CODE[error.code] : undefined;
}

/**
 * Builds the refusal of an option: what was given, what is wrong with it, and what to do.
 *
 * @param where - The call and the option, e.g. `test.explore("shop"): depth`.
 * @param problem - Ends the sentence that `where` begins, with the offending value in it.
 * @param cure - A whole sentence.
 */
export function usageError(where: string, problem: string, cure: string): ExploreError {
  return new ExploreError("EXPLORE_USAGE", `${where} ${problem}.\n${cure}`, {
    details: { where, problem, cure },
  });
}

/**
 * Builds the refusal of an option that does not exist; a misspelt one is told what it is most like.
 *
 * @param where - The call, e.g. `sqlite()`.
 */
export function unknownOption(where: string, name: string, known: readonly string[]): ExploreError {
  const nearest = nearestName(name, known);
  const cure =
    nearest === undefined ? `The options are ${known.join(", ")}.` : `Did you mean \`${nearest}\`?`;
  return usageError(`${where}: ${name}`, "is not an option", cure);
}

/** The known name that a misspelt one is most like; `undefined` when it is like none of them. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({
      candidate,
      edits: distance(candidate.toLowerCase(), name.toLowerCase()),
    }))
    .toSorted((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best !== undefined && best.edits <= Math.max(2, name.length / 3)
    ? best.candidate
    : undefined;
}

/** Letters to insert, remove or replace to make one text of the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 0; i < from.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j += 1) {
      const replaced = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Prints a value for an error message, in one line of at most 80 characters. */
export function show(value: unknown): string {
  if (typeof value === "function") return `the function ${value.name || "(anonymous)"}`;
  if (typeof value === "bigint") return `${value}n`;
  if (value === undefined || typeof value === "symbol") return String(value);
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch {
    // A cycle or a bigint inside: its class is all that can be told in one line.
    text = Object.prototype.toString.call(value);
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
