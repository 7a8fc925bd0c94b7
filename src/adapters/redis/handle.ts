import type { Claim } from "./claim.ts";
import { type RedisArgument, type RedisClient, type Server } from "./driver.ts";
import { redisFailure } from "./failures.ts";
import { urlOf } from "./options.ts";

/** A Redis database, as actions and invariants use it. */
export interface RedisHandle {
  /** The database, for an app's configuration: `redis://127.0.0.1:6379/3`. */
  readonly url: string;
  /** The text at a key; null when there is none. */
  readonly get: (key: string) => Promise<string | null>;
  readonly set: (key: string, value: RedisArgument) => Promise<void>;
  /** Removes keys and answers how many there were. */
  readonly del: (...keys: readonly string[]) => Promise<number>;
  /** Empties this database, and no other. */
  readonly flush: () => Promise<void>;
  /**
   * Runs any other command. Texts come as strings; numbers, nulls and arrays as Redis answers them.
   *
   * @throws ExploreError `EXPLORE_REDIS_OUT_OF_MEMORY` when the server has used up its memory.
   */
  readonly command: (name: string, ...args: readonly RedisArgument[]) => Promise<unknown>;
  /** The handle's own ioredis connection, for an app in the test's process. */
  readonly client: () => RedisClient;
}

/** Makes the handle of a claimed database. */
export function createHandle(
  { system, address }: Server,
  claim: Pick<Claim, "db" | "empty">,
  client: RedisClient,
): RedisHandle {
  async function command(name: string, ...args: readonly RedisArgument[]): Promise<unknown> {
    try {
      return await client.call(name, ...args);
    } catch (cause) {
      throw redisFailure(system, name, cause);
    }
  }
  return {
    url: urlOf(address, claim.db),
    get: async (key) => (await command("GET", key)) as string | null,
    set: async (key, value) => {
      await command("SET", key, value);
    },
    del: async (...keys) => (keys.length === 0 ? 0 : Number(await command("DEL", ...keys))),
    flush: () => claim.empty(client),
    command,
    client: () => client,
  };
}
