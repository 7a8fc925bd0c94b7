import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { connectHttp, failureOf } from "../../../support/http/connect.ts";

const echoNode = (request: IncomingMessage, response: ServerResponse): void => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ method: request.method, url: request.url }));
};

const echoFetch = async (request: Request): Promise<Response> =>
  Response.json({ method: request.method, url: request.url, sent: await request.text() });

describe("a handler in the test's process", () => {
  test.for([
    ["a Node handler by kind", { app: echoNode, kind: "node" }],
    ["a factory of a Node handler", { app: () => echoNode }],
    ["a factory that takes its time", { app: async () => echoNode }],
    ["an http.Server", { app: createServer(echoNode) }],
    ["a factory of an http.Server", { app: () => createServer(echoNode) }],
    [
      "something with listen, as Express has it",
      {
        app: { listen: (port: number, host: string) => createServer(echoNode).listen(port, host) },
      },
    ],
  ] as const)("serves %s on a socket", async ([, options]) => {
    const { handle: api } = await connectHttp(options);

    const { body } = await api.get("/orders", { query: { page: 2, tag: ["a", "b"] } });

    expect(body).toEqual({ method: "GET", url: "/orders?page=2&tag=a&tag=b" });
    expect(api.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test("takes a function of two parameters for a Node handler", async () => {
    // As a spec in JavaScript may give it; the types ask for `kind`.
    const app = echoNode as unknown as () => typeof echoNode;

    const { handle: api } = await connectHttp({ app });

    expect((await api.get("/x")).body).toMatchObject({ url: "/x" });
  });

  test.for([
    ["a fetch handler by kind", { app: echoFetch, kind: "fetch" }],
    ["an object with fetch", { app: { fetch: echoFetch } }],
    ["a factory of a fetch handler", { app: () => echoFetch }],
    ["a factory of an object with fetch", { app: () => ({ fetch: echoFetch }) }],
  ] as const)("calls %s without a socket", async ([, options]) => {
    const { handle: api } = await connectHttp(options);

    const { body } = await api.post("/orders", { amount: 1 });

    expect(body).toEqual({
      method: "POST",
      url: "http://app.localhost/orders",
      sent: '{"amount":1}',
    });
  });

  test("keeps the this of an object with fetch", async () => {
    const app = {
      greeting: "hello",
      fetch(): Response {
        return new Response(this.greeting);
      },
    };

    const { handle: api } = await connectHttp({ app });

    expect((await api.get("/")).text).toBe("hello");
  });

  test.for([
    [
      "a fetch handler",
      {
        kind: "fetch",
        app: (): Response => {
          throw new TypeError("no such table: orders");
        },
      },
    ],
    [
      "a Node handler",
      {
        kind: "node",
        app: async (): Promise<void> => {
          throw new TypeError("no such table: orders");
        },
      },
    ],
  ] as const)("surfaces what %s throws, with the cause", async ([, options]) => {
    const { handle: api } = await connectHttp(options);

    const error = await failureOf(() => api.get("/orders"));

    expect(error).toMatchObject({
      code: "EXPLORE_APP_THREW",
      message: expect.stringContaining("threw during GET /orders: no such table: orders"),
      cause: expect.any(TypeError),
    });
  });

  test("runs a handler that throws once only", async () => {
    let calls = 0;
    const { handle: api } = await connectHttp({
      kind: "node",
      app: (request: IncomingMessage, response: ServerResponse) => {
        calls += 1;
        if (request.url === "/throw") throw new Error("no");
        response.end();
      },
    });
    // So many that the next one uses a kept connection.
    for (let request = 0; request < 4; request += 1) await api.get("/");

    await failureOf(() => api.get("/throw"));

    expect(calls).toBe(5);
  });

  test("rolls the cookies of a fetch handler back", async () => {
    const { handle: api, adapter } = await connectHttp({
      kind: "fetch",
      app: (request) =>
        new Response(request.headers.get("cookie"), { headers: { "set-cookie": "seen=yes" } }),
    });
    const root = await adapter.checkpoint();

    expect((await api.get("/")).text).toBe("");
    expect((await api.get("/")).text).toBe("seen=yes");
    await adapter.rollback(root);

    expect((await api.get("/")).text).toBe("");
  });

  test("does not wait for a handler that hangs, and tells it", async () => {
    const aborted: unknown[] = [];
    const { handle: api } = await connectHttp({
      kind: "fetch",
      app: async (request) => {
        request.signal.addEventListener("abort", () => aborted.push(request.url));
        await sleep(60_000, undefined, { ref: false });
        return new Response();
      },
    });

    const error = await failureOf(() => api.get("/slow", { timeoutMs: 50 }));

    expect(error.code).toBe("EXPLORE_REQUEST_TIMEOUT");
    expect(aborted).toEqual(["http://app.localhost/slow"]);
  });

  test("refuses what is no handler when the factory has answered", async () => {
    const app = (() => 42) as unknown as () => typeof echoFetch;

    const error = await failureOf(() => connectHttp({ app }));

    expect(error.message).toContain("http (api): app must give a handler, got 42");
  });

  test("closes a server it started, and leaves one alone that was listening", async () => {
    const started = createServer(echoNode);
    const listening = createServer(echoNode).listen(0, "127.0.0.1");
    onTestFinished(() => void listening.close());
    await once(listening, "listening");
    const { port } = listening.address() as AddressInfo;

    const first = await connectHttp({ app: started });
    const second = await connectHttp({ app: listening });
    expect(second.handle.url).toBe(`http://127.0.0.1:${port}`);
    await first.adapter[Symbol.asyncDispose]();
    await second.adapter[Symbol.asyncDispose]();

    expect([started.listening, listening.listening]).toEqual([false, true]);
  });
});
