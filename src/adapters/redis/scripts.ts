import { createHash } from "node:crypto";
import { command, type RedisArgument, type RedisClient } from "./driver.ts";
import { type Key, bytesOf } from "./keys.ts";
import { COPY_BACK, COPY_OUT, DIFFERING, DROP_COPY, TAKEN } from "./lua-copy.ts";
import { APPLY, CAPTURE, DECODE, EMPTY_BUT, READ, REMOVE, SWAP } from "./lua.ts";

/** A Lua script, which the server runs as one step that nobody can interrupt. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

/** Keys that one call of a script is given at most: the server does nothing else meanwhile. */
export const KEYS_PER_CALL = 1000;

function script(source: string): Script {
  return { source, sha: createHash("sha1").update(source).digest("hex") };
}

/** What `lua.ts` and `lua-copy.ts` hold, each by its name there. */
export const SCRIPTS = {
  capture: script(CAPTURE),
  apply: script(APPLY),
  read: script(READ),
  decode: script(DECODE),
  emptyBut: script(EMPTY_BUT),
  swap: script(SWAP),
  remove: script(REMOVE),
  copyOut: script(COPY_OUT),
  copyBack: script(COPY_BACK),
  taken: script(TAKEN),
  differing: script(DIFFERING),
  dropCopy: script(DROP_COPY),
} as const;

/** A connection, and whose it is. */
export interface Connection {
  readonly system: string;
  readonly client: RedisClient;
}

/** A connection on which scripts read and write keys. */
export interface Scripting extends Connection {
  /** Whether fields of hashes can have a time to live of their own: Redis 7.4, Valkey 9. */
  readonly hasFieldTimes: boolean;
}

/** Runs a script. */
export async function runScript(
  { system, client }: Connection,
  { source, sha }: Script,
  { keys, args = [] }: { readonly keys: readonly Key[]; readonly args?: readonly RedisArgument[] },
): Promise<readonly unknown[]> {
  const rest = [keys.length, ...keys.map(bytesOf), ...args];
  try {
    return (await command(client, system, ["EVALSHA", sha, ...rest])) as readonly unknown[];
  } catch (error) {
    // The server does not know it yet, or the app has flushed the scripts.
    if (!(error instanceof Error && error.message.includes("NOSCRIPT"))) throw error;
    return (await command(client, system, ["EVAL", source, ...rest])) as readonly unknown[];
  }
}
