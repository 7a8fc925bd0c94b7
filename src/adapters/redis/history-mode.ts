import type { Isolation } from "../adapter.ts";
import type { Changes } from "./changes.ts";
import type { Claim } from "./claim.ts";
import { diffVersions } from "./diff.ts";
import { observeKeys } from "./keyspace.ts";
import type { Mode } from "../mode.ts";
import { CAPABILITIES } from "./capabilities.ts";
import { restore } from "./restore.ts";
import { changedSince, release, save, startHistory } from "./standing.ts";

/** What a history of keys needs. */
export interface HistoryParts {
  readonly claim: Claim;
  /** What tells the keys that anybody has changed; perhaps nothing does. */
  readonly changes: Changes;
  readonly isolation: Isolation;
  readonly quiescenceMs: number;
}

/** Keeps in each checkpoint what has changed since the one before, here in our memory. */
export async function startHistoryMode({
  claim,
  changes,
  isolation,
  quiescenceMs,
}: HistoryParts): Promise<Mode> {
  const { scripting } = claim;
  const standing = await startHistory({ scripting, changes, claim, quiescenceMs }).catch(
    (error: unknown) => {
      changes.close();
      throw error;
    },
  );
  return {
    isolation,
    capabilities: CAPABILITIES,
    save: async () => {
      const node = await save(standing);
      return {
        restore: () => restore(standing, node),
        release: async () => release(standing, node),
        diff: async () => diffVersions(scripting, await changedSince(standing, node)),
      };
    },
    observe: (onText) => observeKeys(scripting, onText),
    close: async () => changes.close(),
  };
}
