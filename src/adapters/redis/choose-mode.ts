import { ExploreError } from "../../errors.ts";
import { type Changes, trackChanges, unknownChanges } from "./changes.ts";
import type { Claim } from "./claim.ts";
import { startCopyMode } from "./copy-mode.ts";
import type { Server } from "./driver.ts";
import { startHistoryMode } from "./history-mode.ts";
import type { Mode } from "../mode.ts";
import { NOT_RESTORED } from "./capabilities.ts";
import type { ReadOptions } from "./options.ts";

/** A claimed database, and what is needed to roll it back. */
export interface ModeTarget {
  readonly server: Server;
  readonly claim: Claim;
  /** Claims one more database, empty and given up with the mode. */
  readonly claimSpare: () => Promise<Claim>;
}

/**
 * Starts the way to roll back that the options ask for.
 *
 * @throws ExploreError `EXPLORE_ISOLATION_UNAVAILABLE` when the server does not allow it.
 */
export async function startMode(
  { server, claim, claimSpare }: ModeTarget,
  { isolation, quiescenceMs }: Pick<ReadOptions, "isolation" | "quiescenceMs">,
): Promise<Mode> {
  if (isolation === "copy") return startCopyMode(claim, await claimSpare());
  const { changes, refusal } = await startChanges(server, claim, isolation);
  return startHistoryMode({
    claim,
    changes,
    isolation: {
      mode: refusal === undefined && isolation !== "dump" ? "touched" : "dump",
      reason: reasonOf(isolation, refusal, claim.db),
      notRestored: NOT_RESTORED,
    },
    quiescenceMs,
  });
}

interface Started {
  readonly changes: Changes;
  /** Why the server does not name the keys that are changed. */
  readonly refusal?: string;
}

async function startChanges(
  server: Server,
  { scripting, db }: Claim,
  isolation: ReadOptions["isolation"],
): Promise<Started> {
  if (isolation === "dump") return { changes: unknownChanges() };
  try {
    return { changes: await trackChanges(server, { control: scripting.client, db }) };
  } catch (cause) {
    // Not known before Redis 6, or forbidden to this user.
    if (!(cause instanceof Error) || !/^(ERR|NOPERM) /.test(cause.message)) throw cause;
    if (isolation === "auto") return { changes: unknownChanges(), refusal: cause.message };
    throw new ExploreError(
      "EXPLORE_ISOLATION_UNAVAILABLE",
      `${server.system}: isolation "touched" cannot be used, because the server refuses CLIENT TRACKING: ${cause.message}.\n` +
        'Use Redis 6 or newer and allow the command, or set `isolation: "dump"`.',
      { cause, details: { system: server.system, isolation, reason: cause.message } },
    );
  }
}

function reasonOf(
  isolation: ReadOptions["isolation"],
  refusal: string | undefined,
  db: number,
): string {
  if (isolation !== "auto") return `isolation: "${isolation}" was asked for`;
  return refusal === undefined
    ? `the server names every key that anybody changes in database ${db}`
    : `the server refuses CLIENT TRACKING (${refusal})`;
}
