import { describe, expect, test } from "vitest";
import {
  readAddress,
  refuseRemote,
  urlFrom,
  urlOf,
} from "../../../../src/adapters/mysql/address.ts";

const NOTHING = {
  host: undefined,
  port: undefined,
  user: undefined,
  password: undefined,
  database: undefined,
  connectionTimeoutMs: 10_000,
};

describe("a connection string", () => {
  test.for([
    ["mysql://localhost/shop", { host: "localhost", port: 3306, database: "shop" }],
    ["mysql://me:p%40ss@db:3307/shop", { host: "db", port: 3307, user: "me", password: "p@ss" }],
    ["mysql://[::1]:33/shop", { host: "::1", port: 33 }],
    ["mariadb://me@localhost", { user: "me", database: undefined }],
    ["mysql://localhost/shop?socketPath=/run/s", { socketPath: "/run/s" }],
    ["mysql://localhost/shop?ssl-mode=REQUIRED", { ssl: { rejectUnauthorized: false } }],
    ['mysql://localhost/shop?ssl={"minVersion":"TLSv1.3"}', { ssl: { minVersion: "TLSv1.3" } }],
  ] as const)("%s", ([url, expected]) => {
    expect(readAddress(url, NOTHING)).toMatchObject(expected);
  });

  test("is completed by options", () => {
    const given = { ...NOTHING, host: "127.0.0.1", port: 99, user: "root", database: "shop" };

    expect(readAddress("mysql://", given)).toMatchObject({
      host: "127.0.0.1",
      port: 99,
      user: "root",
      database: "shop",
    });
  });

  test("is written for an app with what was left over", () => {
    const address = readAddress("mysql://me:p%40ss@[::1]/shop?charset=utf8mb4", NOTHING);

    expect(urlOf(address, "copy")).toBe("mysql://me:p%40ss@[::1]:3306/copy?charset=utf8mb4");
  });

  test("that cannot be read is shown without its password", () => {
    expect(() => readAddress("mysql://me:secret@host:port/shop", NOTHING)).toThrow(
      "mysql://me:***@host:port/shop",
    );
  });

  test("comes from MYSQL_URL, then from a DATABASE_URL that is about MySQL", () => {
    const env = { MYSQL_URL: "mysql://a/b", DATABASE_URL: "mysql://c/d" };

    expect(urlFrom(env)).toBe("mysql://a/b");
    expect(urlFrom({ DATABASE_URL: "mariadb://c/d" })).toBe("mariadb://c/d");
    expect(urlFrom({ DATABASE_URL: "postgresql://c/d" })).toBeUndefined();
  });
});

test("a server on another machine needs leave", () => {
  const address = readAddress("mysql://db.example.com/shop", NOTHING);

  expect(() => refuseRemote("db", address, false)).toThrow(
    "db: the server db.example.com is not on this machine, so it may be somebody's real one.\n" +
      "If it is there for tests, set `allowRemote: true`.",
  );
  expect(() => refuseRemote("db", address, true)).not.toThrow();
  expect(() => refuseRemote("db", readAddress("mysql://127.0.0.2/", NOTHING), false)).not.toThrow();
});

test("an unknown ssl-mode is refused by name", () => {
  expect(() => readAddress("mysql://localhost/shop?ssl-mode=maybe", NOTHING)).toThrow(
    'unknown ssl-mode "maybe"',
  );
});
