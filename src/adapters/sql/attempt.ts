import { ExploreError } from "../../errors.ts";
import type { IsBlocked, Quiescence } from "./quiescence.ts";
import { untilQuiet } from "./quiescence.ts";
import type { Attempt } from "./standing.ts";

/** Schema changes that turn out to be none, e.g. of temporary tables, that one verb may meet. */
const MAX_FALSE_ALARMS = 100;

/** What tells whether a log still fits the tables. */
export interface SchemaGuard {
  /** What changed in the schema since the installation, one line each; empty when nothing did. */
  readonly schemaChanges: () => Promise<readonly string[]>;
  /** Tells the errors of an installation that an action broke. */
  readonly isBroken: (error: unknown) => boolean;
  /** The isolation that copies the database at every checkpoint. */
  readonly copying: string;
  /** Where a copy could take the log's place: why there is none. */
  readonly missingCopy?: string | undefined;
}

/**
 * Makes the guard of a log's functions.
 *
 * @throws ExploreError From the guard: `EXPLORE_TRANSACTION_OPEN` when another transaction stays
 * open, `EXPLORE_SCHEMA_CHANGED` when the log does not fit the tables any more.
 */
export function createAttempt(
  quiescence: Quiescence & { readonly isBlocked: IsBlocked },
  { schemaChanges, isBroken, ...copies }: SchemaGuard,
): Attempt {
  const changed = (verb: string, changes: readonly string[]): ExploreError =>
    schemaChanged(`${quiescence.system}: cannot ${verb}`, changes, copies);
  return async (verb, run) => {
    for (let alarms = 0; ; alarms += 1) {
      const answer = await untilQuiet(quiescence, verb, run).catch(async (error: unknown) => {
        if (!isBroken(error)) throw error;
        // Inside a transaction that the error has spoilt nothing more can be asked.
        const changes = await schemaChanges().catch(() => []);
        throw changes.length === 0 ? error : changed(verb, changes);
      });
      if (!isSchemaObstacle(answer)) return answer;
      const changes = await schemaChanges();
      if (changes.length > 0 || alarms >= MAX_FALSE_ALARMS) throw changed(verb, changes);
    }
  };
}

function isSchemaObstacle(answer: unknown): answer is { readonly schema: true } {
  return typeof answer === "object" && answer !== null && "schema" in answer;
}

/** Tells which lines of a description came and went. */
export function compareLines(was: readonly string[], is: readonly string[]): readonly string[] {
  return [
    ...without(was, is).map((line) => `- ${line}`),
    ...without(is, was).map((line) => `+ ${line}`),
  ];
}

/** The lines that another list does not have. */
export function without(lines: readonly string[], other: readonly string[]): readonly string[] {
  const known = new Set(other);
  return lines.filter((line) => !known.has(line));
}

function schemaChanged(
  what: string,
  changes: readonly string[],
  { copying, missingCopy }: Pick<SchemaGuard, "copying" | "missingCopy">,
): ExploreError {
  const why =
    missingCopy === undefined ? "" : `, and there is no copy to go back to: ${missingCopy}`;
  const shown = changes.slice(0, 8).map((line) => `  ${line.slice(0, 160)}`);
  return new ExploreError(
    "EXPLORE_SCHEMA_CHANGED",
    `${what}, since an action changed the schema, which the log does not undo${why}.\n` +
      `${shown.join("\n")}${changes.length > 8 ? `\n  and ${changes.length - 8} more` : ""}\n` +
      `Leave out the action, let migrations run in \`migrate\`, before the app connects, or set \`isolation: "${copying}"\`, which copies the database at every checkpoint.`,
    { details: { changes } },
  );
}
