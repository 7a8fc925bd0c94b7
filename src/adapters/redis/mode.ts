import type { Diff, Observation } from "../adapter.ts";
import type { Opened } from "../define-adapter.ts";
import { type Changes, trackChanges, unknownChanges } from "./changes.ts";
import type { Claim } from "./claim.ts";
import { diffContents } from "./diff.ts";
import type { Server } from "./driver.ts";
import { ExploreError } from "../../errors.ts";
import type { Node } from "./history.ts";
import { observeKeys } from "./keyspace.ts";
import type { ReadOptions } from "./options.ts";
import { restore } from "./restore.ts";
import { changedSince, release, save, startHistory } from "./standing.ts";
import type { Scripting } from "./scripts.ts";

/** A way to roll a database back. */
export interface Mode extends Opened {
  readonly save: () => Promise<Node>;
  readonly restore: (to: Node) => Promise<void>;
  readonly release: (node: Node) => void;
  readonly diff: (since: Node) => Promise<Diff>;
  readonly observe: (onText?: (text: string) => void) => Promise<Observation>;
  readonly close: () => void;
}

const NOT_RESTORED = [
  "what was published to channels",
  "functions and scripts",
  "SWAPDB by the app",
  "other databases of the server",
] as const;

/**
 * Starts the way to roll back that the options ask for.
 *
 * @throws ExploreError `EXPLORE_ISOLATION_UNAVAILABLE` when the server does not allow it.
 */
export async function startMode(
  server: Server,
  claim: Claim,
  { isolation, quiescenceMs }: ReadOptions,
): Promise<Mode> {
  const { system } = server;
  const { client, db } = claim;
  const scripting: Scripting = { client, system };
  const { changes, refusal } = await startChanges(server, claim, isolation);
  const standing = await startHistory({ scripting, changes, claim, quiescenceMs }).catch(
    (error: unknown) => {
      changes.close();
      throw error;
    },
  );
  return {
    isolation: {
      mode: refusal === undefined && isolation !== "dump" ? "touched" : "dump",
      reason: reasonOf(isolation, refusal, db),
      notRestored: NOT_RESTORED,
    },
    capabilities: { history: "tree", scope: "server", schema: false, counters: true },
    save: () => save(standing),
    restore: (to) => restore(standing, to),
    release: (node) => release(standing, node),
    diff: async (since) => diffContents(scripting, await changedSince(standing, since)),
    observe: (onText) => observeKeys(scripting, onText),
    close: changes.close,
  };
}

interface Started {
  readonly changes: Changes;
  /** Why the server does not name the keys that are changed. */
  readonly refusal?: string;
}

async function startChanges(
  server: Server,
  { client, db }: Claim,
  isolation: ReadOptions["isolation"],
): Promise<Started> {
  if (isolation === "dump") return { changes: unknownChanges() };
  try {
    return { changes: await trackChanges(server, { control: client, db }) };
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
