import { describe, expect, test } from "vitest";
import type { Environment } from "../../../../src/adapters/postgres/address.ts";
import {
  isLocal,
  readAddress,
  refuseRemote,
  urlFrom,
  urlOf,
  variablesOf,
} from "../../../../src/adapters/postgres/address.ts";

const read = (url: string, env: Environment = {}) => readAddress(url, env, 1000);

describe("a connection string", () => {
  test.for([
    ["postgresql://localhost/mydb", { host: "localhost", port: 5432, database: "mydb" }],
    ["postgres://localhost/mydb", { host: "localhost", database: "mydb" }],
    [
      "postgresql://user:pass@localhost/mydb",
      { user: "user", password: "pass", host: "localhost", database: "mydb" },
    ],
    ["postgresql://user@host:5433", { user: "user", host: "host", port: 5433, database: "user" }],
    ["postgresql://user:p%40s%2Fs@h/d%20b", { password: "p@s/s", database: "d b" }],
    ["postgresql://[::1]:5/x", { host: "::1", port: 5 }],
    ["postgresql://%2Ftmp%2Fpg/x", { host: "/tmp/pg", database: "x" }],
    ["postgresql:///x?host=/tmp/pg&port=7", { host: "/tmp/pg", port: 7, database: "x" }],
    ["postgresql://", { host: "localhost", port: 5432, database: "postgres" }],
    ["postgresql://localhost/x?sslmode=disable", { encryptions: [false] }],
    [
      "postgresql://user:pass@localhost/mydb?sslmode=require",
      { encryptions: [{ rejectUnauthorized: false }] },
    ],
    ["postgresql://localhost/x", { encryptions: [false, { rejectUnauthorized: false }] }],
    [
      "postgresql://localhost/x?sslmode=prefer",
      { encryptions: [{ rejectUnauthorized: false }, false] },
    ],
    ["postgresql://localhost/x?sslmode=verify-full", { encryptions: [{}] }],
  ] as const)("%s", ([url, expected]) => {
    expect(read(url)).toMatchObject(expected);
  });

  test("takes from the environment what it leaves out, and nothing else", () => {
    const env = { PGHOST: "h", PGPORT: "1", PGUSER: "u", PGPASSWORD: "p", PGDATABASE: "d" };

    expect(read("postgresql://", env)).toMatchObject({
      host: "h",
      port: 1,
      user: "u",
      password: "p",
      database: "d",
    });
    expect(read("postgresql://a:b@c:2/e", env)).toMatchObject({
      host: "c",
      port: 2,
      user: "a",
      password: "b",
      database: "e",
    });
  });

  test("may be in DATABASE_URL, if that is one of PostgreSQL's", () => {
    const env = { DATABASE_URL: "postgres://h/d", PGDATABASE: "other" };

    expect(urlFrom(env)).toBe("postgres://h/d");
    expect(urlFrom({ ...env, DATABASE_URL: "mysql://h/d" })).toBe("postgresql://");
    expect(urlFrom({ DATABASE_URL: "mysql://h/d", PGUSER: "u" })).toBeUndefined();
  });

  test.for([
    ["postgresql://a:secret@b@c/d", "cannot be read: postgresql://a:***@c/d"],
    ["postgresql://a:sec/ret@c/d", "cannot be read: postgresql://a:***@c/d"],
    ["postgresql://h:port/d", "cannot be read: postgresql://h:port/d"],
    ["postgresql://h/%zz", "cannot be read: postgresql://h/%zz"],
    ["postgresql://h/d?sslmode=maybe", 'has the unknown sslmode "maybe"'],
    [
      "postgresql://h/d?sslrootcert=/nowhere/ca.pem",
      "names a certificate that cannot be read: ENOENT",
    ],
  ] as const)("refuses %s", ([url, message]) => {
    expect(() => read(url)).toThrow(`postgres(): url ${message}`);
  });
});

describe("the string for an app", () => {
  test.for([
    ["postgresql://u:p%40@h:7/d?sslmode=require", "postgresql://u:p%40@h:7/x%20y?sslmode=require"],
    ["postgresql://h/d", "postgresql://h:5432/x%20y"],
    ["postgresql://[::1]/d", "postgresql://[::1]:5432/x%20y"],
    ["postgresql:///d?host=/tmp", "postgresql://localhost:5432/x%20y?host=%2Ftmp"],
  ] as const)("%s with another database", ([url, expected]) => {
    expect(urlOf(read(url), "x y")).toBe(expected);
  });
});

test("variables for PostgreSQL's programs name the server and another database", () => {
  expect(variablesOf(read("postgresql://u:p@h:7/d?sslmode=require"), "x y")).toEqual({
    PGHOST: "h",
    PGPORT: "7",
    PGUSER: "u",
    PGPASSWORD: "p",
    PGDATABASE: "x y",
    PGSSLMODE: "require",
  });
});

describe("a server on another machine", () => {
  test.for([
    ["localhost", true],
    ["127.0.0.1", true],
    ["127.9.9.9", true],
    ["::1", true],
    ["/var/run/postgresql", true],
    ["127.0.0.1.example.com", false],
    ["localhost.example.com", false],
    ["10.0.0.1", false],
    ["db", false],
  ] as const)("%s", ([host, expected]) => {
    expect(isLocal(host)).toBe(expected);
  });

  test("is refused until it is allowed", () => {
    const address = read("postgresql://db.example.com/live");

    expect(() => refuseRemote("db", address, false)).toThrow(
      expect.objectContaining({ code: "EXPLORE_NOT_A_TEST_DATABASE" }),
    );
    expect(() => refuseRemote("db", address, true)).not.toThrow();
  });
});
