import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { lane } from "../support/lane.ts";
import { connect, ownServer, sharedServer } from "../support/redis/connect.ts";
import { appConnection, needsRedis } from "../support/redis/server.ts";

lane("redis as plain data", needsRedis, () => {
  const shared = sharedServer();

  describe("diff", () => {
    test("tells keys as plain data", async () => {
      const { handle, adapter, app } = await shared.connect();
      await app.hset("user:1", { name: "Ada", mail: "ada@example.org" });
      await app.set("gone", "1");
      await adapter.open();
      const at = await adapter.checkpoint();
      await app.hset("user:1", "name", "Grace");
      await app.del("gone");
      await app.rpush("list", "b", "a");
      await app.sadd("set", "b", "a");
      await app.zadd("zset", 1.5, "b", 2, "a");
      await app.set("bytes", Buffer.from([0xff, 0]), "EX", 100);
      await app.xadd("stream", "5-1", "field", "value");
      await app.xgroup("CREATE", "stream", "group", "0");
      await app.xreadgroup("GROUP", "group", "worker", "STREAMS", "stream", ">");
      await handle.set("clé", "ü");

      const [told] = await adapter.diff(at);

      expect(told).toEqual({
        collection: "keys",
        columns: [{ name: "key" }, { name: "type" }, { name: "value" }, { name: "ttl" }],
        changes: [
          { after: ["bytes", "string", new Uint8Array([0xff, 0]), true] },
          { after: ["clé", "string", "ü", false] },
          { before: ["gone", "string", "1", false] },
          { after: ["list", "list", ["b", "a"], false] },
          { after: ["set", "set", { a: true, b: true }, false] },
          {
            after: [
              "stream",
              "stream",
              {
                entries: [{ at: 5, seq: 1, fields: ["field", "value"] }],
                last: { at: 5, seq: 1 },
                groups: {
                  group: {
                    last: { at: 5, seq: 1 },
                    consumers: { worker: true },
                    pending: [{ at: 5, seq: 1, consumer: "worker", deliveries: 1 }],
                  },
                },
              },
              false,
            ],
          },
          {
            before: ["user:1", "hash", { mail: "ada@example.org", name: "Ada" }, false],
            after: ["user:1", "hash", { mail: "ada@example.org", name: "Grace" }, false],
          },
          { after: ["zset", "zset", { a: "2", b: "1.5" }, false] },
        ],
      });
    });

    test("tells a key that has run out before the server has noticed", async () => {
      const { port } = await ownServer(["--enable-debug-command", "local"]);
      const { adapter } = await connect({ host: "127.0.0.1", port });
      const app = await appConnection(port);
      await app.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
      await app.set("short", "1", "PX", 400);
      await adapter.open();
      const at = await adapter.checkpoint();
      await sleep(450);

      expect((await adapter.diff(at)).flatMap(({ changes }) => changes)).toEqual([
        { before: ["short", "string", "1", true] },
      ]);
    });

    test("tells a key that has run out, and one that got a time", async () => {
      const { adapter, app } = await shared.connect();
      await app.set("short", "1", "PX", 400);
      await app.set("kept", "1");
      await adapter.open();
      const at = await adapter.checkpoint();
      await app.expire("kept", 100);
      await sleep(450);

      expect((await adapter.diff(at)).flatMap(({ changes }) => changes)).toEqual([
        { before: ["kept", "string", "1", false], after: ["kept", "string", "1", true] },
        { before: ["short", "string", "1", true] },
      ]);
    });
  });

  test.for([
    ["SET", "text", "other"],
    ["EXPIRE", "text", "100"],
    ["RENAME", "text", "renamed"],
    ["HSET", "hash", "field", "other"],
    ["LSET", "list", "0", "other"],
    ["ZADD", "zset", "2", "member"],
    ["SMOVE", "set", "other set", "a"],
    ["XADD", "stream", "6-0", "field", "value"],
  ] as const)(
    "observe sees %j, which leaves the number of keys as it is",
    async ([name, ...args]) => {
      const { adapter, app } = await shared.connect();
      await app.set("text", "a");
      await app.hset("hash", "field", "value");
      await app.rpush("list", "a");
      await app.zadd("zset", 1, "member");
      await app.sadd("set", "a", "b");
      await app.sadd("other set", "c");
      await app.xadd("stream", "5-0", "field", "value");
      await adapter.open();
      const before = await adapter.observe();
      expect(await adapter.observe()).toEqual(before);

      await app.call(name, ...args);

      const after = await adapter.observe();
      expect(after).not.toEqual(before);
      const sizes = (seen: typeof before): ReadonlyMap<string, number> =>
        new Map(Object.entries(seen).map(([type, { size }]) => [type, size]));
      expect(sizes(after)).toEqual(sizes(before));
    },
  );

  test("the handle", async () => {
    const { handle, adapter } = await shared.connect();
    await adapter.open();

    await handle.set("n", 5);
    expect(await handle.command("INCR", "n")).toBe(6);
    expect(await handle.get("n")).toBe("6");
    expect(await handle.del("n", "none")).toBe(1);
    expect(await handle.del()).toBe(0);
    expect(await handle.get("n")).toBeNull();
    expect(await handle.client().call("PING")).toBe("PONG");
    await handle.set("n", 1);
    await handle.flush();
    expect(await handle.get("n")).toBeNull();
    await expect(handle.command("NOPE")).rejects.toThrow(/unknown command/);
  });
});
