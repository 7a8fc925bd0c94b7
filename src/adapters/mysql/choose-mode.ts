import type { Mode } from "../sql/mode.ts";
import type { Access } from "./handle.ts";
import type { ModeTarget } from "./mode.ts";
import type { ReadOptions } from "./options.ts";
import { undoMode } from "./undo-mode.ts";

/** Starts the way to roll back that fits the options and what was handed out. */
export async function startMode(
  target: ModeTarget,
  access: Access,
  { isolation }: ReadOptions,
): Promise<Mode> {
  const waysIn = [...access.handedOut];
  return undoMode(
    target,
    isolation === "undo"
      ? 'isolation: "undo" was asked for'
      : `the database's ${waysIn.join(" and ")} was handed out, so others may write to it`,
  );
}
