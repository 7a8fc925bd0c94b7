import { ExploreError, isExploreError } from "../../errors.ts";
import type { Mode } from "../mode.ts";
import { closeWaysIn, refuseHandedOut } from "../sql/ways-in.ts";
import { copyMode } from "./copy-mode.ts";
import type { Access } from "./handle.ts";
import type { ModeTarget } from "./mode.ts";
import type { ReadOptions } from "./options.ts";
import { savepointMode } from "./savepoint-mode.ts";
import { undoMode } from "./undo-mode.ts";

/**
 * Starts the way to roll back that fits the options and what was handed out.
 *
 * @throws ExploreError `EXPLORE_ISOLATION_UNAVAILABLE` when the one asked for cannot work here.
 */
export async function startMode(
  target: ModeTarget,
  access: Access,
  { isolation }: ReadOptions,
): Promise<Mode> {
  const asked = `isolation: "${isolation}" was asked for`;
  switch (isolation) {
    case "undo":
      return undoMode(target, asked);
    case "copy":
      if (target.isGiven) throw givenCopied(target);
      return copyMode(target, asked);
    case "savepoint":
      refuseHandedOut(target.system, access);
      closeWaysIn(target.system, access, false);
      return savepointMode(target, access, asked);
    case "auto":
      return startBest(target, access);
  }
}

async function startBest(target: ModeTarget, access: Access): Promise<Mode> {
  const waysIn = [...access.handedOut];
  const reason =
    waysIn.length === 0
      ? "only the handle reaches the database: neither its url nor a client was handed out"
      : `the database's ${waysIn.join(" and ")} was handed out, so others may write to it`;
  const modes: readonly ((why: string) => Promise<Mode>)[] = [
    ...(waysIn.length === 0 ? [(why: string) => savepointMode(target, access, why)] : []),
    (why) => undoMode(target, why),
    ...(target.isGiven ? [] : [(why: string) => copyMode(target, why)]),
  ];
  let why = reason;
  for (const [i, start] of modes.entries()) {
    try {
      const mode = await start(why);
      if (mode.isolation.mode === "savepoint") closeWaysIn(target.system, access, true);
      return mode;
    } catch (error) {
      const isUnavailable = isExploreError(error) && error.code === "EXPLORE_ISOLATION_UNAVAILABLE";
      if (!isUnavailable || i === modes.length - 1) throw error;
      why = `${reason}, and another isolation cannot be used: ${String(error.details["reason"])}`;
    }
  }
  throw new Error("there is no mode");
}

function givenCopied({ system, database }: ModeTarget): ExploreError {
  return new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `${system}: isolation "copy" cannot be used, because it drops the tables, and ${database} is not ours.\n` +
      "Let the user create databases, or choose another `isolation`.",
    { details: { system, database, isolation: "copy" } },
  );
}
