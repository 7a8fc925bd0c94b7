import type { System } from "../adapter.ts";
import { defineAdapter } from "../define-adapter.ts";
import { claimDatabase } from "./claim.ts";
import { loadRedis, type RedisClient } from "./driver.ts";
import { createHandle, type RedisHandle } from "./handle.ts";
import type { Node } from "./history.ts";
import { type Mode, startMode } from "./mode.ts";
import { readOptions, type RedisOptions } from "./options.ts";

export type { RedisArgument, RedisClient } from "./driver.ts";
export type { RedisHandle } from "./handle.ts";
export type { RedisIsolation, RedisOptions } from "./options.ts";

/**
 * A logical database of a Redis server: an empty one, or one that is there for tests.
 *
 * @throws ExploreError `EXPLORE_USAGE` naming the first option that is unknown, wrong or in conflict.
 * @example
 * const test = createTest({ cache: redis({ host: "127.0.0.1", db: 5 }) });
 */
export function redis(options: RedisOptions): System<RedisHandle> {
  const read = readOptions(options);
  return {
    kind: "redis",
    // Without a number each world takes a database of its own.
    exclusive: read.db !== undefined,
    stage: "store",
    connect: async ({ name, slot }) => {
      const server = await loadRedis(name, read.address, read.connectionTimeoutMs);
      const claim = await claimDatabase(server, read, slot);
      let mode: Mode | undefined;
      let client: RedisClient;
      try {
        client = await server.connect(claim.db);
      } catch (error) {
        await claim.leave();
        throw error;
      }
      return {
        handle: createHandle(server, claim, client),
        adapter: defineAdapter<Node>(name, {
          open: async () => {
            mode = await startMode(server, claim, read);
            return mode;
          },
          save: () => opened(mode).save(),
          restore: (to) => opened(mode).restore(to),
          forget: (node) => opened(mode).release(node),
          diff: (since) => opened(mode).diff(since),
          observe: (onText) => opened(mode).observe(onText),
          close: async () => {
            mode?.close();
            client.disconnect();
            await claim.leave();
          },
        }),
      };
    },
  };
}

/** `defineAdapter` calls no other hook before `open` has succeeded. */
function opened(mode: Mode | undefined): Mode {
  if (mode === undefined) throw new Error("the database is not open");
  return mode;
}
