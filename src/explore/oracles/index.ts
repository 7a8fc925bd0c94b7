import { deletesRemove } from "./deletes-remove.ts";
import { noServerErrors } from "./no-server-errors.ts";
import type { Oracle } from "./oracle.ts";
import { readsChangeNothing } from "./reads-change-nothing.ts";
import { refusalsChangeNothing } from "./refusals-change-nothing.ts";
import { repeatsChangeNothing } from "./repeats-change-nothing.ts";

/** By the name under which a spec switches them on and off; judged in this order. */
export const ORACLES = {
  noServerErrors,
  readsChangeNothing,
  refusalsChangeNothing,
  deletesRemove,
  repeatsChangeNothing,
} as const satisfies Readonly<Record<string, Oracle>>;

/** The name of an oracle. */
export type OracleName = keyof typeof ORACLES;

/** Which oracles a spec or an action wants: those left out are as before. */
export type OracleSwitches = Readonly<Partial<Record<OracleName, boolean>>>;

/** All names, in the order in which they are judged. */
export const ORACLE_NAMES = Object.keys(ORACLES) as readonly OracleName[];
