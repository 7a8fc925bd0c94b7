import { describe, expect, test } from "vitest";
import { connectHttp, failureOf } from "../../../support/http/connect.ts";
import type { ConnectedSystem } from "../../../../src/adapters/adapter.ts";
import type { HttpClient } from "../../../../src/adapters/http/index.ts";

/** `/set?name=value` sets cookies, `/drop?name` deletes one; everything answers what was sent. */
function cookieApp(request: Request): Response {
  const { pathname, searchParams } = new URL(request.url);
  const headers = new Headers();
  for (const [name, value] of searchParams) {
    const rest = pathname === "/drop" ? "; Expires=Thu, 01 Jan 1970 00:00:00 GMT" : "";
    headers.append("set-cookie", `${name}=${value}; Path=/${rest}`);
  }
  return new Response(request.headers.get("cookie") ?? "(none)", { headers });
}

const connect = (): Promise<ConnectedSystem<HttpClient>> =>
  connectHttp({ app: cookieApp, kind: "fetch" });

const sent = async (api: HttpClient): Promise<string> => (await api.get("/")).text;

const row = (session: string, name: string, value: string): readonly string[] => [
  session,
  "app.localhost",
  "/",
  name,
  value,
];

describe("cookies", () => {
  test("are sent back and rolled back with the world, to any checkpoint", async () => {
    const { handle: api, adapter } = await connect();
    const nobody = await adapter.checkpoint();
    await api.get("/set?user=ann");
    const ann = await adapter.checkpoint();
    await api.get("/set?user=bob&theme=dark");
    const bob = await adapter.checkpoint();

    for (const [checkpoint, cookies] of [
      [nobody, "(none)"],
      [bob, "user=bob; theme=dark"],
      [ann, "user=ann"],
      [nobody, "(none)"],
    ] as const) {
      await adapter.rollback(checkpoint);
      expect(await sent(api)).toBe(cookies);
    }
  });

  test("are a state: equal when they are equal, whatever way led there", async () => {
    const { handle: api, adapter } = await connect();
    const empty = await adapter.observe();
    await api.get("/set?a=1&b=2");
    const both = await adapter.observe();
    const root = await adapter.checkpoint();

    await api.get("/drop?a=x");
    expect(await adapter.observe()).not.toEqual(both);
    await api.get("/set?a=1");
    expect(await adapter.observe()).toEqual(both);
    expect(await adapter.diff(root)).toEqual([]);
    await api.get("/drop?a=x&b=x");

    expect(await adapter.observe()).toEqual(empty);
  });

  test("show in the difference by session, domain, path and name", async () => {
    const { handle: api, adapter } = await connect();
    await api.get("/set?kept=1&changed=1&dropped=1");
    const since = await adapter.checkpoint();
    await api.get("/set?changed=2&added=1");
    await api.get("/drop?dropped=x");
    await api.session("bob").get("/set?user=bob");

    expect(await adapter.diff(since)).toEqual([
      {
        collection: "cookies",
        columns: [
          { name: "session" },
          { name: "domain" },
          { name: "path" },
          { name: "name" },
          { name: "value", secret: true },
        ],
        changes: [
          { after: row("bob", "user", "bob") },
          { after: row("main", "added", "1") },
          { before: row("main", "changed", "1"), after: row("main", "changed", "2") },
          { before: row("main", "dropped", "1") },
        ],
      },
    ]);
  });

  test("of an explicit header replace those of the jar", async () => {
    const { handle: api } = await connect();
    await api.get("/set?a=1");

    expect((await api.get("/", { headers: { Cookie: "b=2" } })).text).toBe("b=2");
  });
});

describe("sessions", () => {
  test("have cookies of their own, found again by name", async () => {
    const { handle: api } = await connect();
    await api.get("/set?user=ann");
    await api.session("bob").get("/set?user=bob");

    expect(await sent(api)).toBe("user=ann");
    expect(await sent(api.session("bob"))).toBe("user=bob");
    expect(await sent(api.session("bob").with({ headers: { "x-a": "1" } }))).toBe("user=bob");
    expect(await sent(api.session())).toBe("(none)");
  });

  test("called main are the first one", async () => {
    const { handle: api } = await connect();
    await api.get("/set?user=ann");

    expect(await sent(api.session("bob").session("main"))).toBe("user=ann");
  });

  test("are rolled back too, also one that did not exist at the checkpoint", async () => {
    const { handle: api, adapter } = await connect();
    const early = api.session();
    const root = await adapter.checkpoint();
    const late = api.session();
    for (const client of [early, late, api.session("bob")]) await client.get("/set?user=x");

    await adapter.rollback(root);

    for (const client of [early, late, api.session("bob")]) {
      expect(await sent(client)).toBe("(none)");
    }
    expect(await adapter.diff(root)).toEqual([]);
  });

  test("without a name look alike in every branch that makes as many", async () => {
    const { handle: api, adapter } = await connect();
    const root = await adapter.checkpoint();
    const branch = async (): Promise<unknown> => {
      await api.session().get("/set?user=x");
      const diff = await adapter.diff(root);
      await adapter.rollback(root);
      return diff;
    };

    expect(await branch()).toEqual(await branch());
  });

  test.for([[""], [3], ["#1"]])("refuse the name %j", async ([name]) => {
    const { handle: api } = await connect();
    const error = await failureOf(() => api.session(name as string));

    expect(error.message).toContain(
      "api.session: name must be a string that does not begin with #",
    );
  });
});

test("a world without cookies has nothing to save", async () => {
  const { handle: api, adapter } = await connect();
  const first = await adapter.checkpoint();
  await api.get("/");
  const second = await adapter.checkpoint();

  expect(await adapter.diff(first)).toEqual([]);
  expect(await adapter.diff(second)).toEqual([]);
  expect(await adapter.observe()).toMatchObject({ cookies: { size: 0 } });
});
