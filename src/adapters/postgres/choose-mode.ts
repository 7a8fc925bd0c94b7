import { ExploreError, isExploreError, usageError } from "../../errors.ts";
import type { Access } from "./handle.ts";
import type { Mode, ModeTarget } from "./mode.ts";
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
      if (access.handedOut.has("url")) throw urlHandedOut(target.system);
      guardUrl(target.system, access);
      return savepointMode(target, access, asked);
    case "auto":
      return startBest(target, access);
  }
}

async function startBest(target: ModeTarget, access: Access): Promise<Mode> {
  const waysIn = [...access.handedOut];
  if (waysIn.length === 0) {
    guardUrl(target.system, access);
    access.guardWaysIn(refuseWayIn(target.system, "client", access));
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

function guardUrl(system: string, access: Access): void {
  access.guardWaysIn(refuseWayIn(system, "url", access));
}

function refuseWayIn(
  system: string,
  last: "url" | "client",
  { handedOut }: Access,
): (way: "url" | "client") => void {
  return (way) => {
    if (handedOut.has(way) || (last === "url" && way === "client")) return;
    throw usageError(
      `${system}: ${way}`,
      "is read after isolation savepoint was chosen, which undoes only what the handle writes",
      `Set \`isolation: "undo"\`, or read \`${way}\` while the systems are connected, e.g. in the app's \`env\`.`,
    );
  };
}

function givenCopied({ system, database }: ModeTarget): ExploreError {
  return new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `${system}: isolation "template" cannot be used, because it drops the database and makes it again, and ${database} is the user's own.\n` +
      "Let the user create databases (ALTER ROLE … CREATEDB), or choose another `isolation`.",
    { details: { system, isolation: "template" } },
  );
}

function urlHandedOut(system: string): ExploreError {
  const reason =
    "its url was handed out, and what other connections write is not undone by savepoints";
  return new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `${system}: isolation "savepoint" cannot be used, because ${reason}.\n` +
      'Give the app `client()`, or set `isolation: "undo"`.',
    { details: { system, isolation: "savepoint", reason } },
  );
}
