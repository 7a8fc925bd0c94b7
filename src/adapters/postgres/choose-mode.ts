import { ExploreError, isExploreError } from "../../errors.ts";
import { closeWaysIn, refuseHandedOut } from "../sql/ways-in.ts";
import type { Access } from "./handle.ts";
import type { Mode } from "../mode.ts";
import type { ModeTarget } from "./mode.ts";
import type { ReadOptions } from "./options.ts";
import { savepointMode } from "./savepoint-mode.ts";
import { templateMode } from "./template-mode.ts";
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
      return undoMode(target, access, asked);
    case "template":
      if (target.isGiven) throw givenCopied(target);
      return templateMode(target, access, asked);
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
  if (waysIn.length === 0) {
    closeWaysIn(target.system, access, true);
    return savepointMode(
      target,
      access,
      "only the handle reaches the database: neither its url nor a client was handed out",
    );
  }
  const reason = `the database's ${waysIn.join(" and ")} was handed out, so others may write to it`;
  try {
    return await undoMode(target, access, reason);
  } catch (error) {
    const isForbidden = isExploreError(error) && error.code === "EXPLORE_ISOLATION_UNAVAILABLE";
    if (!isForbidden || target.isGiven) throw error;
    return templateMode(target, access, `${reason}, and its user lacks rights: ${lacking(error)}`);
  }
}

function lacking({ details }: ExploreError): string {
  const { missing } = details;
  return Array.isArray(missing) ? missing.join(" ") : "see isolation undo";
}

function givenCopied({ system, database }: ModeTarget): ExploreError {
  return new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `${system}: isolation "template" cannot be used, because it drops the database and makes it again, and ${database} is the user's own.\n` +
      "Let the user create databases (ALTER ROLE … CREATEDB), or choose another `isolation`.",
    { details: { system, isolation: "template" } },
  );
}
