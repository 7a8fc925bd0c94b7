/**
 * What a module of this folder exports, so that `npm run bench` can run it:
 *
 *     export const bench: Bench = { title: "Search engine", run: async () => ({ … }) };
 *
 * Ratios are measured side by side in one run. An aim is a number that was promised; the page says
 * whether it was met, also when it was not.
 */
export interface Bench {
  /** The heading on the page. */
  readonly title: string;
  /** Says why it cannot run on this machine, e.g. since it has no such server; `undefined` when it can. */
  readonly needs?: () => string | undefined | Promise<string | undefined>;
  readonly run: () => Promise<Table>;
}

/** One table of the page. */
export interface Table {
  readonly columns: readonly string[];
  /** One cell for each column, with its unit unless the column's name has it. */
  readonly rows: readonly (readonly (string | number)[])[];
  /** What was measured and how, a sentence each. */
  readonly notes: readonly string[];
  readonly aims: readonly Aim[];
  /** Of the servers that were measured, by program, e.g. `PostgreSQL`. */
  readonly versions?: Readonly<Record<string, string>>;
}

/** A promise and what came of it. */
export interface Aim {
  /** What was promised, e.g. `at least 50,000 transitions a second`. */
  readonly text: string;
  /** What was measured, in the same unit. */
  readonly found: string;
  readonly met: boolean;
}
