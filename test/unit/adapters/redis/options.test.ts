import { describe, expect, test } from "vitest";
import { redis, type RedisOptions } from "../../../../src/adapters/redis/index.ts";
import { isLocal, readOptions, urlOf } from "../../../../src/adapters/redis/options.ts";

function refusal(options: unknown): string {
  try {
    redis(options as RedisOptions);
    return "accepted";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe("redis options", () => {
  test("make a system that starts nothing", () => {
    expect(redis({ host: "localhost" })).toMatchObject({
      kind: "redis",
      exclusive: false,
      stage: "store",
    });
  });

  test("with a number of a database allow one world at a time", () => {
    expect(redis({ host: "localhost", db: 0 }).exclusive).toBe(true);
    expect(redis({ url: "redis://localhost/0" }).exclusive).toBe(true);
  });

  test.for([
    [7, 'redis(): options must be an object, got 7.\nGive e.g. { host: "127.0.0.1", db: 5 }.'],
    [{ port: 5 }, 'redis(): port is given without host.\nGive e.g. host: "127.0.0.1".'],
    [
      { server: { way: "binary" }, host: "a" },
      "redis(): server has a server started, and host names one.\nGive only one of them.",
    ],
    [{ server: { wya: "binary" } }, "redis(): server: wya is not an option.\nDid you mean `way`?"],
    [
      { db: 3, testDatabase: true },
      "redis(): testDatabase: true names no server that holds the database.\nGive `url` or `host`, or set REDIS_URL.",
    ],
    [{ hots: "a" }, "redis(): hots is not an option.\nDid you mean `host`?"],
    [
      { host: "a", port: 0 },
      "redis(): port must be a port from 1 to 65535, got 0.\nGive e.g. 6379.",
    ],
    [
      { host: "a", db: -1 },
      "redis(): db must be the number of a logical database, got -1.\nGive e.g. 5, or leave it out to have a free one chosen.",
    ],
    [
      { host: "a", isolation: "undo" },
      'redis(): isolation must be one of auto, touched, copy, dump, got "undo".\nLeave it out to have the best one chosen.',
    ],
    [
      { host: "a", testDatabase: true },
      "redis(): testDatabase: true needs the number of a database.\nGive `db`, or remove testDatabase.",
    ],
    [
      { url: "redis://a/1", db: 2 },
      "redis(): db: 2 contradicts url, which says 1.\nGive only one.",
    ],
    [
      { url: "redis://a/1", port: 2 },
      "redis(): port is given twice, since url tells it.\nGive only one of them.",
    ],
    [
      { url: "redis://a/shop" },
      'redis(): url must end with the number of a database, got "shop".\nGive e.g. "redis://127.0.0.1:6379/5".',
    ],
  ] as const)("%j is refused", ([options, message]) => {
    expect(refusal(options)).toBe(message);
  });

  test("a password is never shown", () => {
    expect(refusal({ host: "a", password: "" })).not.toContain('""');
    expect(refusal({ url: "http://user:secret@a" })).not.toContain("secret");
  });

  test.for([
    "redis://127.0.0.1:6379/0",
    "redis://user:p%40ss@localhost:7000/3",
    "redis://:p%2Fss@localhost:7000/3",
    "rediss://[::1]:6380/1",
    "unix:///tmp/a%20b/redis.sock?db=2",
  ])("%s is read and written the same", (url) => {
    const { address, db } = readOptions({ url }, {});

    expect(address && urlOf(address, db ?? -1)).toBe(url);
    expect(address && isLocal(address)).toBe(true);
  });

  test.for(["redis.example.org", "10.0.0.7", "127.0.0.1.example.org", "localhost.example.org"])(
    "%s is another machine",
    (host) => {
      const { address } = readOptions({ host }, {});

      expect(address && isLocal(address)).toBe(false);
    },
  );

  describe("where no server is named", () => {
    const environment = { REDIS_URL: "redis://somewhere:7000/2" };

    test("the environment names it", () => {
      expect(readOptions({}, environment)).toMatchObject({
        address: { host: "somewhere", port: 7000 },
        db: 2,
      });
      expect(() => readOptions({ db: 3 }, environment)).toThrow(/db: 3 contradicts url/);
      expect(() => readOptions({}, { REDIS_URL: "somewhere" })).toThrow(
        /the environment variable REDIS_URL must be a URL/,
      );
    });

    test("one is started, also when the spec asks for it in spite of the environment", () => {
      expect(readOptions({}, {})).toMatchObject({ address: undefined, server: {} });
      expect(readOptions({ server: { way: "binary" } }, environment)).toMatchObject({
        address: undefined,
        server: { way: "binary" },
        db: undefined,
      });
    });

    test("the options come before the environment", () => {
      expect(readOptions({ host: "localhost" }, environment).address?.host).toBe("localhost");
    });
  });
});
