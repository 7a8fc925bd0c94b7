import { ExploreError } from "../../errors.ts";
import { loadDriver } from "../load-driver.ts";
import { REACH_SERVER } from "../unreachable.ts";
import { redisFailure } from "./failures.ts";
import type { ServerAddress } from "./options.ts";

/** An argument of a command. */
export type RedisArgument = string | number | Uint8Array;

/**
 * The part of an ioredis client that we use, described by its shape so that a user without the
 * package's types can use ours.
 */
export interface RedisClient {
  readonly connect: () => Promise<void>;
  readonly disconnect: () => void;
  readonly call: (command: string, ...args: readonly RedisArgument[]) => Promise<unknown>;
  readonly callBuffer: (command: string, ...args: readonly RedisArgument[]) => Promise<unknown>;
  readonly subscribe: (channel: string) => Promise<unknown>;
  readonly on: (event: string, listener: (...args: readonly unknown[]) => void) => unknown;
}

/** Connections to one server. */
export interface Server {
  /** The name the user gave the system. */
  readonly system: string;
  readonly address: ServerAddress;
  /** Opens a connection to a logical database. */
  readonly connect: (db: number) => Promise<RedisClient>;
}

type ClientClass = new (options: Readonly<Record<string, unknown>>) => RedisClient;

/**
 * Loads ioredis.
 *
 * @throws ExploreError `EXPLORE_DRIVER_MISSING` when it cannot be loaded.
 */
export async function loadRedis(
  system: string,
  address: ServerAddress,
  connectionTimeoutMs: number,
): Promise<Server> {
  const module = await loadDriver({
    name: "ioredis",
    neededBy: "redis",
    load: () => import("ioredis"),
  });
  const Client = module.Redis as unknown as ClientClass;
  const { socket, tls, ...rest } = address;
  return {
    system,
    address,
    connect: async (db) => {
      const client = new Client({
        ...(socket === undefined ? rest : { ...rest, path: socket }),
        ...(tls ? { tls: {} } : {}),
        db,
        connectTimeout: connectionTimeoutMs,
        lazyConnect: true,
        enableReadyCheck: false,
        // A connection that comes back has lost its tracking: it shall fail instead.
        retryStrategy: () => null,
        // Answers of the same form with ioredis 5 and 6.
        protocol: 2,
      });
      let reason: unknown;
      client.on("error", (error) => {
        reason ??= error;
      });
      try {
        await client.connect();
      } catch (error) {
        client.disconnect();
        throw cannotConnect(system, { address, db }, reason ?? error);
      }
      return client;
    },
  };
}

/** Runs a command of ours, so that a full server is told as such. */
export async function command(
  client: RedisClient,
  system: string,
  words: readonly [string, ...(readonly RedisArgument[])],
): Promise<unknown> {
  const [name, ...args] = words;
  try {
    return await client.callBuffer(name, ...args);
  } catch (cause) {
    throw redisFailure(system, name, cause);
  }
}

function cannotConnect(
  system: string,
  { address, db }: { readonly address: ServerAddress; readonly db: number },
  cause: unknown,
): ExploreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const where = address.socket ?? `${address.host}:${address.port}`;
  return new ExploreError(
    "EXPLORE_ADAPTER_FAILED",
    `${system}: cannot connect to Redis.\n` +
      `  server:   ${where}\n` +
      `  database: ${db}\n` +
      `  reason:   ${reason}\n` +
      REACH_SERVER,
    { cause, details: { system, where, db, reason } },
  );
}
