import type { System, SystemEnvironment } from "../adapter.ts";
import { modeAdapter } from "../mode.ts";
import { startMode } from "./choose-mode.ts";
import type { Claim } from "./claim.ts";
import { loadRedis, type RedisClient, type Server } from "./driver.ts";
import { foreignFailure } from "../foreign-failure.ts";
import { claimDatabase } from "./find-database.ts";
import { createHandle, type RedisHandle } from "./handle.ts";
import { addressOfUrl, type ReadOptions, readOptions, type RedisOptions } from "./options.ts";

export type { RedisArgument, RedisClient } from "./driver.ts";
export type { RedisHandle } from "./handle.ts";
export type { RedisIsolation, RedisOptions } from "./options.ts";

/**
 * A logical database of a Redis server: an empty one, or one that is there for tests. Without `url`,
 * `host` or the environment variable `REDIS_URL` a server is found or started on this machine.
 *
 * @throws ExploreError `EXPLORE_USAGE` naming the first option that is unknown, wrong or in conflict.
 * @example
 * const test = createTest({ cache: redis() });
 */
export function redis(options: RedisOptions = {}): System<RedisHandle> {
  const read = readOptions(options, process.env);
  return {
    kind: "redis",
    // Without a number each world takes a database of its own.
    exclusive: read.db !== undefined,
    stage: "store",
    // Of somebody's server not all is known.
    inputs: { paths: [], complete: read.address === undefined },
    connect: async (environment) => {
      const { name, slot } = environment;
      const place = await findServer(read, environment);
      const { server, claim, client } = await enter(place, slot);
      const claimSpare = (): Promise<Claim> =>
        claimDatabase(server, { ...place.wish, db: undefined, testDatabase: false }, slot);
      return {
        handle: createHandle(server, claim, client),
        adapter: modeAdapter(name, {
          start: () => startMode({ server, claim, claimSpare }, read),
          leave: async () => {
            client.disconnect();
            await claim.leave();
          },
        }),
      };
    },
  };
}

interface Place {
  readonly server: Server;
  readonly wish: Pick<ReadOptions, "db" | "testDatabase" | "allowRemote">;
}

/** Where the user or the environment says, or a server that is found or started for us. */
async function findServer(read: ReadOptions, { name, provide }: SystemEnvironment): Promise<Place> {
  if (read.address !== undefined) {
    const server = await loadRedis(name, read.address, read.connectionTimeoutMs);
    return { server, wish: read };
  }
  const { url } = await provide({ kind: "redis", options: read.server });
  const server = await loadRedis(name, addressOfUrl(url), read.connectionTimeoutMs);
  // It is ours, wherever it runs.
  return { server, wish: { ...read, allowRemote: true } };
}

interface Entered {
  readonly server: Server;
  readonly claim: Claim;
  /** The user's own connection. */
  readonly client: RedisClient;
}

async function enter({ server, wish }: Place, slot: string): Promise<Entered> {
  try {
    const claim = await claimDatabase(server, wish, slot);
    try {
      return { server, claim, client: await server.connect(claim.db) };
    } catch (error) {
      await claim.leave();
      throw error;
    }
  } catch (error) {
    throw foreignFailure(server.system, "connect", error);
  }
}
