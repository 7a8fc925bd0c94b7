import { describe, expect, test } from "vitest";
import type { HttpClient } from "../../../../src/adapters/http/index.ts";
import { connectHttp, failureOf } from "../../../support/http/connect.ts";
import { echo, type Echo } from "../../../support/http/echo.ts";

async function echoClient(headers: Readonly<Record<string, string>> = {}): Promise<HttpClient> {
  const { handle } = await connectHttp({ app: echo, kind: "fetch", headers });
  return handle;
}

async function clientAnswering(answer: (request: Request) => Response): Promise<HttpClient> {
  const { handle } = await connectHttp({ app: answer, kind: "fetch" });
  return handle;
}

describe("requests", () => {
  test.for(["get", "delete", "options"] as const)("%s sends no body", async (verb) => {
    const api = await echoClient();
    const { body } = await api[verb]<Echo>("/orders/1?full=yes", { query: { page: 2 } });

    expect(body).toMatchObject({
      method: verb.toUpperCase(),
      path: "/orders/1?full=yes&page=2",
      sent: "",
    });
  });

  test.for(["post", "put", "patch"] as const)("%s sends plain data as JSON", async (verb) => {
    const api = await echoClient();
    const { body } = await api[verb]<Echo>("/orders", { amount: 1, tags: ["a"] });

    expect(body.sent).toBe('{"amount":1,"tags":["a"]}');
    expect(body.method).toBe(verb.toUpperCase());
    expect(body.headers["content-type"]).toBe("application/json");
  });

  const form = new FormData();
  form.set("file", new Blob(["content"]), "a.txt");
  test.for([
    ["a string", "plain", "plain", /^text\/plain/],
    ["bytes", new Uint8Array([104, 105]), "hi", /^undefined$/],
    ["a query", new URLSearchParams({ a: "1 2" }), "a=1+2", /^application\/x-www-form-urlencoded/],
    ["a form", form, /content/, /^multipart\/form-data; boundary=/],
    ["a blob", new Blob(["x"], { type: "image/png" }), "x", /^image\/png$/],
    ["an array", [1], "[1]", /json/],
    ["null", null, "null", /json/],
    ["nothing", undefined, "", /^undefined$/],
  ] as const)("sends %s", async ([, body, sent, contentType]) => {
    const api = await echoClient();
    const answer = (await api.post<Echo>("/", body)).body;

    expect(answer.sent).toMatch(sent);
    expect(String(answer.headers["content-type"])).toMatch(contentType);
  });

  test("lets the spec's own content type win", async () => {
    const api = await echoClient();
    const headers = { "Content-Type": "application/x-ndjson" };

    const { body } = await api.post<Echo>("/", '{"a":1}\n', { headers });

    expect(body.headers["content-type"]).toBe("application/x-ndjson");
  });

  test("sends a string as JSON when it is given as json", async () => {
    const api = await echoClient();
    const { body } = await api.request<Echo>({ method: "put", path: "/", json: "text" });

    expect(body).toMatchObject({ method: "PUT", sent: '"text"' });
  });

  test("leaves undefined and null out of a query", async () => {
    const api = await echoClient();
    const query = { a: 1, b: undefined, c: null, d: [true, null, "x y"] };

    expect((await api.get<Echo>("/", { query })).body.path).toBe("/?a=1&d=true&d=x+y");
  });

  test("merges headers whatever their case: system, with, request", async () => {
    const api = (await echoClient({ "X-One": "1", "X-Two": "1", "X-Three": "1" })).with({
      headers: { "x-two": "2", "x-three": "2" },
    });

    const headers = { "X-THREE": 3, "x-one": undefined };
    const { body } = await api.get<Echo>("/", { headers });

    expect(body.headers).toMatchObject({ "x-two": "2", "x-three": "3" });
    expect(body.headers).not.toHaveProperty("x-one");
  });

  test.for([
    ["orders", "must be a string that starts with a slash"],
    ["http://elsewhere/orders", "must be a string that starts with a slash"],
  ])("refuses the path %s", async ([path, problem]) => {
    const api = await echoClient();
    const error = await failureOf(() => api.get(path ?? ""));

    expect(error).toMatchObject({ code: "EXPLORE_USAGE" });
    expect(error.message).toContain(problem);
  });

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  test.for([
    ["a function", () => 1],
    ["a bigint", 1n],
    ["a cycle", cycle],
    ["a stream", new Blob(["x"]).stream()],
  ] as const)("refuses %s as a body", async ([, body]) => {
    const api = await echoClient();
    const error = await failureOf(() => api.post("/", body));

    expect(error.message).toContain("POST /: body cannot be sent as JSON");
  });

  test("refuses two bodies", async () => {
    const api = await echoClient();
    const error = await failureOf(() => api.post("/", "a", { json: 1 }));

    expect(error.message).toContain('is given twice: body "a" and json 1');
  });

  test("gives the caller's own abort back as it is", async () => {
    const api = await echoClient();
    const reason = new Error("enough");

    await expect(api.get("/", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("responses", () => {
  test("are plain data that can be compared", async () => {
    const api = await clientAnswering(() => Response.json({ id: 1 }, { status: 201 }));
    const { durationMs, ...response } = await api.post("/orders?a=1");

    expect(durationMs).toBeGreaterThan(0);
    expect(response).toStrictEqual({
      status: 201,
      ok: true,
      headers: { "content-type": "application/json" },
      body: { id: 1 },
      text: '{"id":1}',
      url: "http://app.localhost/orders?a=1",
      method: "POST",
      path: "/orders?a=1",
    });
  });

  test.for([400, 404, 500, 503])("of status %i are answers, not errors", async (status) => {
    const api = await clientAnswering(() => Response.json({ error: "no" }, { status }));

    expect(await api.get("/")).toMatchObject({ status, ok: false, body: { error: "no" } });
  });

  test.for([
    ["application/json; charset=utf-8", "[1]", [1]],
    ["application/problem+json", '{"a":1}', { a: 1 }],
    ["text/html", "[1]", "[1]"],
    ["application/jsonlines", "[1]", "[1]"],
    ["application/json", "", undefined],
  ] as const)("with %s and %j have the body %j", async ([type, text, body]) => {
    const api = await clientAnswering(
      () => new Response(text, { headers: { "content-type": type } }),
    );

    expect((await api.get("/")).body).toEqual(body);
  });

  test("that claim to be JSON and are not are told", async () => {
    const api = await clientAnswering(
      () => new Response("<html>", { headers: { "content-type": "application/json" } }),
    );
    const error = await failureOf(() => api.get("/"));

    expect(error).toMatchObject({
      code: "EXPLORE_UNEXPECTED_RESPONSE",
      cause: expect.any(SyntaxError),
    });
  });

  test.for([
    [201, [201]],
    [404, [200, 404]],
    [299, ["2xx"]],
    [503, ["4xx", "5xx"]],
  ] as const)("of status %i are returned by expectStatus(%j)", async ([status, expected]) => {
    const api = await clientAnswering(() => new Response(null, { status }));
    const response = await api.get("/");

    expect(response.expectStatus(...expected)).toBe(response);
  });

  test("show request and response when the status is another one", async () => {
    const api = await clientAnswering(() =>
      Response.json({ error: "no such order", hint: "x".repeat(400) }, { status: 404 }),
    );
    const response = await api.post("/orders/7/refund", { amount: 100 });
    const error = await failureOf(() => response.expectStatus(200, "3xx"));

    expect(error).toMatchObject({
      code: "EXPLORE_UNEXPECTED_RESPONSE",
      details: { status: 404, expected: [200, "3xx"] },
    });
    expect(error.message).toMatchInlineSnapshot(`
      "Expected status 200 or 3xx, got 404.
        request:  POST /orders/7/refund {"amount":100}
        response: 404 {"error":"no such order","hint":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... (435 characters)
      Either the app is wrong, or the status that the spec expects."
    `);
  });
});

function moved({ url, method, headers }: Request): Response {
  const { pathname } = new URL(url);
  if (pathname === "/loop") return Response.redirect(url, 302);
  if (pathname === "/see") {
    const cookie = { location: "/there", "set-cookie": "moved=yes" };
    return new Response(null, { status: 303, headers: cookie });
  }
  if (pathname === "/keep")
    return new Response(null, { status: 307, headers: { location: "/there" } });
  return Response.json({ method, cookie: headers.get("cookie") });
}

describe("redirects", () => {
  test("are answers unless the spec wants them followed", async () => {
    const api = await clientAnswering(moved);

    expect(await api.post("/see")).toMatchObject({ status: 303, headers: { location: "/there" } });
  });

  test("are followed with the cookies they set", async () => {
    const api = await clientAnswering(moved);
    const response = await api.post("/see", { a: 1 }, { redirect: "follow" });

    expect(response).toMatchObject({
      status: 200,
      path: "/see",
      url: "http://app.localhost/there",
      body: { method: "GET", cookie: "moved=yes" },
    });
  });

  test("keep method and body where the status says so", async () => {
    const api = await clientAnswering(moved);

    expect((await api.post("/keep", {}, { redirect: "follow" })).body).toMatchObject({
      method: "POST",
    });
  });

  test("end after ten steps", async () => {
    const api = await clientAnswering(moved);

    expect(await api.get("/loop", { redirect: "follow" })).toMatchObject({ status: 302 });
  });
});
