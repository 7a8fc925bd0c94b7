import type { Driver } from "./driver.ts";

/** The database a mode works with. */
export interface ModeTarget {
  /** The name the user gave it. */
  readonly system: string;
  readonly database: string;
  /** A database that it was copied from and that nobody writes to; `undefined` when there is none. */
  readonly origin?: string | undefined;
  readonly driver: Driver;
  /** Whether the database is the user's own, to be left as it was found. */
  readonly isGiven: boolean;
  readonly schemas: readonly string[] | undefined;
  readonly quiescenceMs: number;
}
