import type { Redis } from "ioredis";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import type { ConnectedSystem } from "../../../src/adapters/adapter.ts";
import { redis, type RedisHandle, type RedisOptions } from "../../../src/adapters/redis/index.ts";
import { appConnection, startServer, type TestServer } from "./server.ts";
import { provideNothing } from "../provision/nothing.ts";

/** Connects a database as a world would. */
export function connectDatabase(options: RedisOptions): Promise<ConnectedSystem<RedisHandle>> {
  return redis(options).connect({
    name: "cache",
    slot: "test",
    directory: ".",
    root: ".",
    handles: {},
    provide: provideNothing,
  });
}

/** Connects a database that is given up with the test. */
export async function connect(options: RedisOptions): Promise<ConnectedSystem<RedisHandle>> {
  const connected = await connectDatabase(options);
  onTestFinished(() => connected.adapter[Symbol.asyncDispose]());
  return connected;
}

/** A server of the test's own. */
export async function ownServer(args: readonly string[] = []): Promise<TestServer> {
  const server = await startServer(args);
  onTestFinished(server.stop);
  return server;
}

export interface SharedServer {
  readonly connect: (options?: RedisOptions) => Promise<SharedConnection>;
  readonly port: () => number;
}

/** One server for the tests of a file, each of which gets a database that it has to itself. */
export function sharedServer(program?: string): SharedServer {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await startServer([], { program });
  });
  afterAll(() => server?.stop());
  const port = (): number => server?.port ?? 0;
  return {
    port,
    connect: async (options = {}) => {
      const connected = await connect({ host: "127.0.0.1", port: port(), ...options });
      const db = Number(/\d+$/.exec(connected.handle.url)?.[0]);
      return { ...connected, app: await appConnection(port(), db), db };
    },
  };
}

interface SharedConnection extends ConnectedSystem<RedisHandle> {
  /** An app's connection to the database. */
  readonly app: Redis;
  readonly db: number;
}
