import type { Driver } from "./driver.ts";
import type { Space } from "./space.ts";

/** The database a mode works with. */
export interface ModeTarget {
  /** The name the user gave it. */
  readonly system: string;
  readonly database: string;
  readonly driver: Driver;
  /** Whether the database is the user's own, to be left as it was found. */
  readonly isGiven: boolean;
  readonly space: Space;
  readonly quiescenceMs: number;
  /** Whether `AUTO_INCREMENT` counters are put back where that can be done. */
  readonly withCounters: boolean;
}
