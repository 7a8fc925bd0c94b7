import { describe, expect, test } from "vitest";
import { connectHttp, failureOf } from "../../../support/http/connect.ts";

const HANDLES = { db: { path: "/tmp/a.sqlite", query: () => [] }, cache: { url: "redis://" } };

describe("handles in env, app and reset", () => {
  test("refuses a system that is not there, by name", async () => {
    const error = await failureOf(() =>
      connectHttp({ command: "x", env: ({ database }) => ({ A: database.path }) }, HANDLES),
    );

    expect(error.code).toBe("EXPLORE_USAGE");
    expect(error.message).toMatchInlineSnapshot(`
      "http (api): env asks for the system "database", which is not there.
      Before this one are connected: db (path, query), cache (url)."
    `);
  });

  test("refuses a value that is no string, and shows what the systems have", async () => {
    const error = await failureOf(() =>
      connectHttp({ command: "x", env: ({ db }) => ({ DATABASE: db.url }) }, HANDLES),
    );

    expect(error.code).toBe("EXPLORE_USAGE");
    expect(error.message).toMatchInlineSnapshot(`
      "http (api): env gives DATABASE as undefined, not a string.
      The systems are: db (path, query), cache (url)."
    `);
  });

  test("refuses an env that is no object", async () => {
    const env = (() => "A=1") as unknown as () => Record<string, string>;
    const error = await failureOf(() => connectHttp({ command: "x", env }));

    expect(error.message).toContain('must return an object of strings, got "A=1"');
  });

  test("gives the handles to a factory of an app and to reset", async () => {
    const seen: unknown[] = [];
    const { adapter } = await connectHttp(
      {
        app: ({ db }) => {
          seen.push(db.path);
          return () => new Response();
        },
        reset: (_, { cache }) => seen.push(cache.url),
      },
      HANDLES,
    );

    await adapter.rollback(await adapter.checkpoint());

    expect(seen).toEqual(["/tmp/a.sqlite", "redis://"]);
  });
});
