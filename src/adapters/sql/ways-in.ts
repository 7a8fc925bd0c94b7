import { ExploreError, usageError } from "../../errors.ts";

/** How a database can be reached other than through `query` and `execute`. */
export type WayIn = "url" | "client";

/** Which ways into a database were handed out, and what happens when one is. */
export interface WaysIn {
  readonly handedOut: ReadonlySet<WayIn>;
  /** From now on, decides what happens when a way in is read. */
  readonly guardWaysIn: (guard: (way: WayIn) => void) => void;
}

/**
 * From now on refuses every way in that was not handed out yet: what comes through it would not be
 * undone by isolation savepoint.
 *
 * @param withClient - Whether a client is refused as well, and not only the url.
 */
export function closeWaysIn(
  system: string,
  { handedOut, guardWaysIn }: WaysIn,
  withClient: boolean,
): void {
  guardWaysIn((way) => {
    if (handedOut.has(way) || (way === "client" && !withClient)) return;
    throw usageError(
      `${system}: ${way}`,
      "is read after isolation savepoint was chosen, which undoes only what the handle writes",
      `Set \`isolation: "undo"\`, or read \`${way}\` while the systems are connected, e.g. in the app's \`env\`.`,
    );
  });
}

/** Refuses isolation savepoint where others may write already. */
export function refuseHandedOut(system: string, { handedOut }: WaysIn): void {
  if (!handedOut.has("url")) return;
  const reason =
    "its url was handed out, and what other connections write is not undone by savepoints";
  throw new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `${system}: isolation "savepoint" cannot be used, because ${reason}.\n` +
      'Give the app `client()`, or set `isolation: "undo"`.',
    { details: { system, isolation: "savepoint", reason } },
  );
}
