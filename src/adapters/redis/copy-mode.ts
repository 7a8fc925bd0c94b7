import { ExploreError } from "../../errors.ts";
import type { Diff } from "../adapter.ts";
import type { Claim } from "./claim.ts";
import { consumerWaiting } from "./consumers.ts";
import { diffContents } from "./diff.ts";
import { command } from "./driver.ts";
import { type Key, keyOf, MARKER, showKey } from "./keys.ts";
import { observeKeys, readContents } from "./keyspace.ts";
import type { Mode } from "../mode.ts";
import { CAPABILITIES, NOT_RESTORED } from "./capabilities.ts";
import { runScript, type Script, SCRIPTS } from "./scripts.ts";
import type { Content } from "./values.ts";

/** The two databases that copies go between. */
interface Databases {
  readonly claim: Claim;
  readonly spare: Claim;
}

/**
 * Keeps each checkpoint in a second database of the server: the server copies all keys there and
 * back, so that none of them passes through our process.
 */
export async function startCopyMode(claim: Claim, spare: Claim): Promise<Mode> {
  const databases: Databases = { claim, spare };
  let made = 0;
  try {
    await assertCanCopy(claim);
  } catch (error) {
    await spare.leave();
    throw error;
  }
  return {
    isolation: {
      mode: "copy",
      reason: 'isolation: "copy" was asked for',
      notRestored: [...NOT_RESTORED, "times to live of single fields of hashes"],
    },
    capabilities: CAPABILITIES,
    save: async () => {
      const prefix = `${(made += 1)}:`;
      await copyOut(databases, prefix);
      return {
        restore: () => copyBack(databases, prefix),
        release: async () => void (await run(databases, SCRIPTS.dropCopy, prefix)),
        diff: () => diff(databases, prefix),
      };
    },
    observe: (onText) => observeKeys(claim.scripting, onText),
    close: spare.leave,
  };
}

async function assertCanCopy({ scripting }: Claim): Promise<void> {
  const { client, system } = scripting;
  const [known] = (await command(client, system, ["COMMAND", "INFO", "COPY"])) as unknown[];
  if (known !== null && known !== undefined) return;
  throw new ExploreError(
    "EXPLORE_ISOLATION_UNAVAILABLE",
    `${system}: isolation "copy" cannot be used, because the server does not know COPY.\n` +
      "Use Redis 6.2 or newer, or leave out `isolation`.",
    { details: { system, isolation: "copy" } },
  );
}

async function copyOut(databases: Databases, prefix: string): Promise<void> {
  try {
    await run(databases, SCRIPTS.copyOut, prefix);
  } catch (error) {
    // The server may have run out of memory half-way.
    await run(databases, SCRIPTS.dropCopy, prefix);
    throw error;
  }
}

async function copyBack(databases: Databases, prefix: string): Promise<void> {
  const { scripting } = databases.claim;
  await run(databases, SCRIPTS.copyBack, prefix);
  // In an answer of its own: a client that waits is served when the script is over.
  const taken = (await run(databases, SCRIPTS.taken, prefix)).map((key) => keyOf(key as Buffer));
  if (taken.length > 0) throw await consumerWaiting(scripting, taken.map(showKey));
}

async function diff(databases: Databases, prefix: string): Promise<Diff> {
  const { claim, spare } = databases;
  const answer = await run(databases, SCRIPTS.differing, prefix);
  const left = new Map<Key, number>();
  for (let index = 0; index + 1 < answer.length; index += 2) {
    left.set(keyOf(answer[index] as Buffer), Number(answer[index + 1]));
  }
  const keys = [...left.keys()].toSorted();
  const copies = keys.map((key) => `${prefix}key:${key}`);
  const found = await readContents(spare.scripting, copies);
  const before = new Map<Key, Content | undefined>();
  for (const [index, key] of keys.entries()) {
    const content = found.get(copies[index] ?? "");
    before.set(key, content && { ...content, hasTtl: (left.get(key) ?? -1) >= 0 });
  }
  return diffContents(before, await readContents(claim.scripting, keys));
}

/** Runs a script on both databases, while both are ours. */
async function run(
  { claim, spare }: Databases,
  script: Script,
  prefix: string,
): Promise<readonly unknown[]> {
  const { scripting, marker, db } = claim;
  // The app may have emptied our database, and the marker with it; or FLUSHALL has emptied both.
  await claim.check();
  await spare.check();
  if (spare.emptied() > 0) throw copiesGone(scripting.system, spare.db);
  return runScript(scripting, script, { keys: [MARKER], args: [marker, db, spare.db, prefix] });
}

function copiesGone(system: string, db: number): ExploreError {
  return new ExploreError(
    "EXPLORE_ROLLBACK_INCOMPLETE",
    `${system}: database ${db}, which held the copies of all checkpoints, was emptied.\n` +
      'An app that runs FLUSHALL needs `isolation: "touched"`, which keeps checkpoints elsewhere.',
    { details: { system, db } },
  );
}
