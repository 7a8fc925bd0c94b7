import { Redis } from "ioredis";
import type { ConformanceSubject } from "../../../src/adapters/conformance.ts";
import type { RedisOptions } from "../../../src/adapters/redis/index.ts";
import { connectDatabase } from "./connect.ts";

/** A database as the conformance suite wants it. */
export async function createSubject(options: RedisOptions): Promise<ConformanceSubject> {
  const { handle, adapter } = await connectDatabase(options);
  const { socket, db } = /^unix:..(?<socket>[^?]*).db=(?<db>.*)$/.exec(handle.url)?.groups ?? {};
  const app = socket === undefined ? new Redis(handle.url) : new Redis(socket, { db: Number(db) });
  await handle.command("RPUSH", "queue", "seeded");
  await handle.command("HSET", "user:1", "name", "Ada", "mail", "ada@example.org");
  await handle.command("SET", "session", "kept", "PX", 600_000);
  let count = 0;
  return {
    adapter,
    write: async (value) => {
      await handle.command("RPUSH", "queue", value);
      await handle.command("SET", `entry:${(count += 1)}`, value, "EX", 600);
    },
    writeElsewhere: async (value) => {
      await app.multi().zadd("scores", 5, value).hset("user:1", "name", value).exec();
    },
    nextCounter: () => handle.command("INCR", "orders:id"),
    cleanUp: () => app.disconnect(),
  };
}
