import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { sharedServer } from "../support/redis/connect.ts";
import { readAll } from "../support/redis/read-all.ts";
import { appConnection, needsRedis } from "../support/redis/server.ts";
import { redisVersions } from "../support/redis/versions.ts";

/** One key of each type, and what commands that combine keys need. */
async function seed(app: Redis): Promise<void> {
  await app.set("text", "abc");
  await app.set("number", "5");
  await app.set("soon", "x", "EX", 500);
  await app.rpush("list", "c", "a", "b");
  await app.rpush("numbers", "3", "1", "2");
  await app.sadd("set", "a", "b");
  await app.sadd("set2", "b", "c");
  await app.zadd("zset", 1, "a", 2, "b");
  await app.hset("hash", "field", "1", "other", "2");
  await app.xadd("stream", "5-0", "f", "v");
  await app.xadd("stream", "6-0", "f", "v");
  await app.xgroup("CREATE", "stream", "group", "0");
  await app.xreadgroup("GROUP", "group", "one", "COUNT", 1, "STREAMS", "stream", ">");
  await app.pfadd("log", "a", "b");
  await app.geoadd("geo", 13.36, 38.11, "a", 15.08, 37.5, "b");
  await app.set(Buffer.from([0xff, 0, 0x0a]), Buffer.from([0, 0xff]));
}

/** Commands by the version that brought them; a line is one action of an app. */
const LINES = {
  6.0: [
    "SET text x",
    "SET new x PX 400000",
    "SETRANGE text 1 zz",
    "APPEND text d",
    "INCRBYFLOAT number 0.5",
    "SETBIT text 9 1",
    "BITOP NOT bits text",
    "BITFIELD text SET u8 0 7",
    "GETSET text y",
    "MSET text 1 number 2 new 3",
    "DEL text list set",
    "UNLINK zset",
    "EXPIRE text 100",
    "EXPIRE soon 100",
    "PEXPIREAT text 1",
    "PERSIST soon",
    "RENAME text renamed",
    "RENAME list set",
    "RENAMENX text renamed",
    "MOVE text 9",
    "SORT numbers STORE sorted",
    "LPUSH list x",
    "RPOPLPUSH list numbers",
    "LINSERT list BEFORE a z",
    "LTRIM list 1 1",
    "SINTERSTORE set set set2",
    "SMOVE set set2 a",
    "SPOP set",
    "ZINCRBY zset 3 a",
    "ZUNIONSTORE zset 2 zset geo",
    "ZPOPMAX zset",
    "ZREMRANGEBYRANK zset 0 -1",
    "HINCRBY hash field 3",
    "HDEL hash field other",
    "XADD stream 7-0 f v",
    "XADD fresh 1-0 f v",
    "XDEL stream 5-0",
    "XTRIM stream MAXLEN 1",
    "XACK stream group 5-0",
    "XCLAIM stream group two 0 5-0",
    "XGROUP CREATE stream another $",
    "XGROUP DESTROY stream group",
    "XGROUP SETID stream group 6-0",
    "XGROUP DELCONSUMER stream group one",
    "XREADGROUP GROUP group two STREAMS stream >",
    "XSETID stream 99-0",
    "PFADD log c",
    "PFMERGE merged log",
    "GEORADIUS geo 15 37 200 km STORE near",
    "EVAL \"redis.call('SET','undeclared','x') redis.call('DEL','text')\" 0",
    "FLUSHDB",
    "FLUSHALL",
  ],
  6.02: [
    "COPY text copied",
    "COPY text text DB 9",
    "GETEX text EX 50",
    "GETDEL text",
    "LMOVE list numbers LEFT RIGHT",
    "ZDIFFSTORE zset 2 zset geo",
    "ZRANGESTORE top zset 0 0",
    "GEOSEARCHSTORE near geo FROMMEMBER a BYRADIUS 300 km",
    "XAUTOCLAIM stream group two 0 0",
    "XGROUP CREATECONSUMER stream group three",
  ],
  7.0: ["LMPOP 1 list LEFT COUNT 2", "ZMPOP 1 zset MIN", "EXPIRE soon 900 GT", "SETEX new 50 x"],
  7.04: [
    "HPEXPIRE hash 1 FIELDS 1 field",
    "HPEXPIRE hash 400000 FIELDS 2 field other",
    "HPERSIST hash FIELDS 1 field",
  ],
} as const;

/** Splits a line at spaces, but for those in quotes. */
function wordsOf(line: string): [string, ...string[]] {
  const [name = "", ...args] = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? "",
  );
  return [name, ...args];
}

lane("redis commands", needsRedis, () => {
  describe.for(redisVersions())("$title", ({ program, number }) => {
    const shared = sharedServer(program);
    const lines = Object.entries(LINES).flatMap(([since, some]) =>
      number >= Number(since) ? some : [],
    );

    test.for(lines)("%s is undone", async (line) => {
      const { adapter, app } = await shared.connect();
      await seed(app);
      await adapter.open();
      const at = await adapter.checkpoint();
      const before = contentsOf(await readAll(app));

      await app.callBuffer(...wordsOf(line));
      await sleep(2);
      const after = await adapter.checkpoint();
      const changed = contentsOf(await readAll(app));
      await adapter.rollback(at);

      expect(contentsOf(await readAll(app))).toEqual(before);
      expect(await adapter.diff(at)).toEqual([]);
      await adapter.rollback(after);
      expect(contentsOf(await readAll(app))).toEqual(changed);
    });

    test("a transaction and what other databases hold under the same names", async () => {
      const { adapter, app, db } = await shared.connect();
      const other = await appConnection(shared.port(), (db + 7) % 16);
      await seed(app);
      await other.set("text", "of another");
      await adapter.open();
      const at = await adapter.checkpoint();
      const before = contentsOf(await readAll(app));

      await app.multi().set("text", "1").lpush("list", "x").select(15).set("text", "x").exec();
      await other.set("text", "still of another");
      await app.select(db);
      await adapter.rollback(at);

      expect(contentsOf(await readAll(app))).toEqual(before);
      expect(await other.get("text")).toBe("still of another");
    });
  });
});

function contentsOf(found: Awaited<ReturnType<typeof readAll>>): ReadonlyMap<string, unknown> {
  // Times differ by the moments between two readings.
  return new Map([...found].map(([key, { content, leftMs }]) => [key, [content, leftMs < 0]]));
}
