import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { connectHttp, failureOf } from "../../../support/http/connect.ts";

async function listen(server: Server, port = 0): Promise<string> {
  server.listen(port, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const hello = (): Server => createServer((request, response) => response.end(request.url));

/** A server of raw connections: `serve` gets the text of each request that arrives on them. */
async function listenRaw(serve: (socket: Socket, count: number) => void): Promise<string> {
  let count = 0;
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => serve(socket, (count += 1)));
  });
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answer = (socket: Socket, text: string): unknown =>
  socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`);

describe("an app by url", () => {
  test("is spoken to under the path of its url", async () => {
    const url = await listen(hello());
    const { handle: api } = await connectHttp({ url: `${url}/api/` });

    expect(await api.get("/orders")).toMatchObject({ text: "/api/orders", path: "/api/orders" });
    expect(api.url).toBe(`${url}/api`);
    expect(api.log).toBe("");
  });

  test("is asked directly whatever proxy the environment names", async () => {
    let asked = 0;
    const proxy = await listen(createServer((_, response) => response.end(`${(asked += 1)}`)));
    for (const name of ["HTTP_PROXY", "http_proxy", "ALL_PROXY"]) vi.stubEnv(name, proxy);
    vi.stubEnv("NODE_USE_ENV_PROXY", "1");
    onTestFinished(() => void vi.unstubAllEnvs());
    const { handle: api } = await connectHttp({ url: await listen(hello()) });

    expect((await api.get("/direct")).text).toBe("/direct");
    expect(asked).toBe(0);
  });

  test("that does not listen is refused at the start", async () => {
    const server = hello();
    const url = await listen(server);
    server.close();
    const error = await failureOf(() => connectHttp({ url }));

    expect(error.code).toBe("EXPLORE_APP_UNREACHABLE");
    expect(error.message.replaceAll(/\d{4,}/g, "<port>")).toMatchInlineSnapshot(`
      "The app at http://127.0.0.1:<port> cannot be reached at the start: connect ECONNREFUSED 127.0.0.1:<port>.
      Start it, or let it be started: http({ command })."
    `);
  });

  test("can be waited for", async () => {
    const server = hello();
    const url = await listen(server);
    server.close();
    setTimeout(() => server.listen(Number(new URL(url).port), "127.0.0.1"), 150);

    const { handle: api } = await connectHttp({ url, ready: "/health" });

    expect((await api.get("/")).status).toBe(200);
  });

  test("that goes away is told at the request and at the rollback, until it is back", async () => {
    const server = hello();
    const url = await listen(server);
    const { handle: api, adapter } = await connectHttp({ url });
    await api.get("/");
    server.close();
    server.closeAllConnections();

    for (const attempt of [() => api.get("/"), () => api.post("/"), () => adapter.settle()]) {
      expect(await failureOf(attempt)).toMatchObject({ code: "EXPLORE_APP_UNREACHABLE" });
    }

    server.listen(Number(new URL(url).port), "127.0.0.1");
    await once(server, "listening");
    await adapter.settle();
    expect((await api.post("/back")).text).toBe("/back");
  });

  test("that answers too late is a timeout, which leaves the client usable", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/half") response.write("half of");
      else if (request.url !== "/never") response.end("fine");
    });
    const { handle: api } = await connectHttp({ url: await listen(server), requestTimeoutMs: 80 });

    for (const path of ["/never", "/half"]) {
      expect(await failureOf(() => api.get(path))).toMatchObject({
        code: "EXPLORE_REQUEST_TIMEOUT",
        details: { during: `during GET ${path}`, timeoutMs: 80 },
      });
    }
    expect((await api.get("/")).text).toBe("fine");
  });

  test("serves more than eight requests at a time", async () => {
    let now = 0;
    let most = 0;
    const server = createServer(async (_, response) => {
      most = Math.max(most, (now += 1));
      await sleep(50);
      now -= 1;
      response.end();
    });
    const { handle: api } = await connectHttp({ url: await listen(server) });

    await Promise.all(Array.from({ length: 20 }, () => api.post("/")));

    expect(most).toBe(20);
  });
});

describe("a kept connection that the app closes", () => {
  // Every connection serves one request, and is closed at the next without having said so.
  const used = new WeakSet<Socket>();
  const closeSecond = (socket: Socket, count: number): void => {
    if (used.has(socket)) return void socket.destroy();
    used.add(socket);
    answer(socket, String(count));
  };

  test("is opened again for a request that may be repeated", async () => {
    const { handle: api } = await connectHttp({ url: await listenRaw(closeSecond) });

    // More requests than connections that the pool makes for requests in a row.
    for (let request = 0; request < 6; request += 1) {
      expect((await api.get("/")).status).toBe(200);
    }
  });

  test("fails a POST that may have arrived", async () => {
    const { handle: api } = await connectHttp({ url: await listenRaw(closeSecond) });
    const postAll = async (): Promise<void> => {
      for (let request = 0; request < 6; request += 1) await api.post("/");
    };

    expect(await failureOf(postAll)).toMatchObject({ code: "EXPLORE_APP_UNREACHABLE" });
  });

  test("fails any request when it was a new one", async () => {
    let arrived = 0;
    const url = await listenRaw((socket) => {
      arrived += 1;
      socket.destroy();
    });
    const { handle: api } = await connectHttp({ url });

    expect(await failureOf(() => api.get("/"))).toMatchObject({ code: "EXPLORE_APP_UNREACHABLE" });
    expect(arrived).toBe(1);
  });

  test("is not used again after an idle time", async () => {
    const server = hello();
    // Without a hint, so that only our own limit applies.
    server.keepAliveTimeout = 0;
    let connections = 0;
    server.on("connection", () => (connections += 1));
    const { handle: api } = await connectHttp({ url: await listen(server) });
    // The pool makes a second one when a request follows at once.
    for (let request = 0; request < 5; request += 1) await api.get("/");
    const before = connections;
    for (let request = 0; request < 5; request += 1) await api.get("/");
    expect(connections).toBe(before);
    await sleep(1600);
    await api.post("/");

    expect(connections).toBe(before + 1);
  });
});
