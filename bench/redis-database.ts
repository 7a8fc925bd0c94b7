import { Redis } from "ioredis";
import type { ConnectedSystem } from "../src/adapters/adapter.ts";
import { redis, type RedisHandle, type RedisOptions } from "../src/adapters/redis/index.ts";
import { provideNothing } from "../test/support/provision/nothing.ts";
import { startServer, type TestServer } from "../test/support/redis/server.ts";

/** A server that ends with the benchmark. */
export interface BenchServer extends TestServer, AsyncDisposable {
  readonly version: string;
}

export async function startRedis(): Promise<BenchServer> {
  const server = await startServer();
  const client = await connectRaw(server, 0);
  const version = /^redis_version:(\S+)/m.exec(await client.info("server"))?.[1] ?? "";
  client.disconnect();
  return { ...server, version: `${version} (ioredis)`, [Symbol.asyncDispose]: server.stop };
}

/** The driver's own connection, by TCP. */
export async function connectRaw({ host, port }: TestServer, db: number): Promise<Redis> {
  const client = new Redis({ host, port, db, lazyConnect: true, retryStrategy: () => null });
  await client.connect();
  return client;
}

/** Connects a logical database as a world would. */
export function connectRedis(
  { host, port }: TestServer,
  options: RedisOptions,
): Promise<ConnectedSystem<RedisHandle>> {
  return redis({ host, port, ...options }).connect({
    name: "cache",
    slot: "bench",
    directory: process.cwd(),
    root: process.cwd(),
    handles: {},
    provide: provideNothing,
  });
}

/** Makes hashes of about a hundred bytes, as an app caches rows. */
export async function fillAccounts(client: Redis, keys: number): Promise<void> {
  const source = `for i = 1, tonumber(ARGV[1]) do
    redis.call('HSET', 'account:' .. i, 'owner', 'owner ' .. i, 'balance', i % 1000,
      'note', 'a note of some sixty letters, as one would find it in a table')
  end`;
  await client.eval(source, 0, keys);
}
