import { ExploreError, usageError } from "../../errors.ts";
import { fileMode } from "./file-mode.ts";
import type { Access, WayIn } from "./handle.ts";
import type { Mode } from "../mode.ts";
import type { ReadOptions } from "./options.ts";
import { MEMORY } from "./options.ts";
import { savepointMode } from "./savepoint-mode.ts";
import type { ModeTarget } from "./undo-mode.ts";
import { undoMode } from "./undo-mode.ts";

/**
 * Starts the way to roll back that fits the options and what was handed out.
 *
 * @throws ExploreError `EXPLORE_ISOLATION_UNAVAILABLE` when the one asked for cannot work here.
 */
export function startMode(
  target: ModeTarget,
  access: Access,
  { isolation, testDatabase }: ReadOptions,
): Promise<Mode> {
  const { system, file } = target;
  const asked = `isolation: "${isolation}" was asked for`;
  const waysIn = [...access.handedOut].filter((way) => file !== MEMORY || way === "connection");
  switch (isolation) {
    case "auto":
      return startBest(target, access, { testDatabase, waysIn });
    case "undo":
    case "backup":
      if (file === MEMORY) throw unavailable(system, isolation, MEMORY_REASON);
      return undoMode(target, { logged: isolation === "undo", reason: asked });
    case "file":
      if (file === MEMORY) throw unavailable(system, isolation, MEMORY_REASON);
      refuseConnection(system, access);
      return fileMode(target, access, asked);
    case "savepoint":
      for (const way of waysIn) {
        if (way === "connection") continue;
        throw unavailable(system, isolation, {
          reason: `its ${way} was handed out, and what other connections write is not undone by savepoints`,
          cure: 'Give the app `connection`, or set `isolation: "undo"`.',
        });
      }
      guardSavepoint(system, access, file);
      return savepointMode(target, access, asked);
  }
}

/** Ends "…, because". */
const MEMORY_REASON = {
  reason: "the database is in memory",
  cure: "Leave `isolation` out, or give the path of a file.",
};

function startBest(
  target: ModeTarget,
  access: Access,
  { testDatabase, waysIn }: { readonly testDatabase: boolean; readonly waysIn: readonly WayIn[] },
): Promise<Mode> {
  const { system, file } = target;
  if (file === MEMORY) {
    return savepointMode(
      target,
      access,
      "the database is in memory, where only this process reaches it",
    );
  }
  if (testDatabase) {
    return undoMode(target, {
      logged: true,
      reason: "a test database can be reached by other processes",
    });
  }
  if (waysIn.length === 0) {
    guardSavepoint(system, access, file);
    return savepointMode(
      target,
      access,
      "only the handle reaches the database: neither its path nor its connection was handed out",
    );
  }
  return undoMode(target, {
    logged: true,
    reason: `the database's ${waysIn.join(" and ")} was handed out, so others may write to it`,
  });
}

function guardSavepoint(system: string, access: Access, file: string): void {
  if (file === MEMORY) return;
  access.guardWaysIn((way) => {
    if (access.handedOut.has(way)) return;
    throw usageError(
      `${system}: ${way}`,
      "is read after isolation savepoint was chosen, which undoes only what the handle writes",
      `Set \`isolation: "undo"\`, or read \`${way}\` while the systems are connected, e.g. in the app's \`env\`.`,
    );
  });
}

function refuseConnection(system: string, access: Access): void {
  const refuse = (way: WayIn): void => {
    if (way !== "connection") return;
    throw unavailable(system, "file", {
      reason: "its connection was handed out, so the file is open all the time",
      cure: 'Set `isolation: "undo"`, which works with open databases.',
    });
  };
  for (const way of access.handedOut) refuse(way);
  access.guardWaysIn(refuse);
}

function unavailable(
  system: string,
  isolation: string,
  { reason, cure }: { readonly reason: string; readonly cure: string },
): ExploreError {
  return new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `${system}: isolation "${isolation}" cannot be used, because ${reason}.\n${cure}`,
    { details: { system, isolation, reason } },
  );
}
