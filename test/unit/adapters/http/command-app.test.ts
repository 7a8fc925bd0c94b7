import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  APPS,
  connectHttp,
  failureOf,
  goBack,
  isRunning,
  SHOP,
  stable,
} from "../../../support/http/connect.ts";
import { sweepDeadOwners } from "../../../../src/provision/ownership/processes.ts";
import { ownTemporaryFolder } from "../../../support/provision/folder.ts";

interface Greeting {
  readonly greeting: string;
  readonly pid: number;
}

const nodeCommand = (script: string): readonly string[] => [process.execPath, "-e", script];

describe("start", () => {
  test("starts the command and speaks to it", async () => {
    const { handle: api } = await connectHttp(SHOP);

    const created = await api.post<{ readonly id: number }>("/orders", { amount: 3 });

    expect(created).toMatchObject({ status: 201, body: { id: 1, amount: 3 } });
    expect(api.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test("gives the command the environment that the spec makes of the handles", async () => {
    const db = { path: "/tmp/shop.sqlite" };

    const { handle: api } = await connectHttp(
      { ...SHOP, env: (handles) => ({ GREETING: handles.db.path }) },
      { db },
    );

    expect((await api.get("/greeting")).body).toMatchObject({ greeting: "/tmp/shop.sqlite" });
  });

  test("runs a line in the shell and puts the port where it says", async () => {
    const { handle: api } = await connectHttp({
      command: `PORT={port} GREETING="from the shell" "${process.execPath}" shop.mjs | cat`,
      ready: "/health",
    });

    expect((await api.get("/greeting")).body).toMatchObject({ greeting: "from the shell" });
  });

  test("speaks to an app in Python that keeps no connection", async () => {
    const { handle: api } = await connectHttp({ command: "exec python3 counter.py" });

    for (const by of [1, 2, 3]) await api.post("/", { by });

    expect((await api.get("/")).body).toEqual({ count: 6 });
  });

  test.for([
    ["a path with a status", { path: "/nothing", status: 404 }],
    [
      "a function",
      async (api: { readonly get: (path: string) => Promise<{ ok: boolean }> }) =>
        (await api.get("/health")).ok,
    ],
    ["a connection", undefined],
  ] as const)("waits for %s", async ([, ready]) => {
    const { handle: api } = await connectHttp({
      command: SHOP.command,
      ...(ready === undefined ? {} : { ready }),
    });

    expect((await api.get("/health")).status).toBe(200);
  });

  test("leaves no cookie behind when the ready path sets one", async () => {
    const { adapter } = await connectHttp({
      command: SHOP.command,
      ready: async (api) => void (await api.post("/login")),
    });

    expect(await adapter.observe()).toMatchObject({ cookies: { size: 0 } });
  });
});

describe("not ready", () => {
  test("shows why an app ended before it served", async () => {
    const error = await failureOf(() => connectHttp({ ...SHOP, env: { FAIL: "exit-early" } }));

    expect(error.code).toBe("EXPLORE_APP_NOT_READY");
    expect(stable(error.message)).toMatchInlineSnapshot(`
      "The app is not ready: it exited with code 3 after <n> ms, while waiting for GET /health.
        command: node shop.mjs
        folder:  <apps>
        url:     http://127.0.0.1:<port>
        output:
          cannot find the configuration
      It must listen on HOST (127.0.0.1) and PORT as its environment gives them; readyTimeoutMs gives it more time."
    `);
  });

  test("gives up an app that listens elsewhere, and ends it", async () => {
    const error = await failureOf(() =>
      connectHttp({ ...SHOP, env: { FAIL: "never-listens" }, readyTimeoutMs: 300 }),
    );

    expect(error.code).toBe("EXPLORE_APP_NOT_READY");
    expect(stable(error.message)).toMatchInlineSnapshot(`
      "The app is not ready: GET /health failed for 300 ms (last: connect ECONNREFUSED 127.0.0.1:<port>).
        command: node shop.mjs
        folder:  <apps>
        url:     http://127.0.0.1:<port>
        output:  (none)
      It must listen on HOST (127.0.0.1) and PORT as its environment gives them; readyTimeoutMs gives it more time."
    `);
  });

  test("does not wait longer than it was told for a ready function", async () => {
    const error = await failureOf(() =>
      connectHttp({ command: SHOP.command, ready: () => sleep(60_000), readyTimeoutMs: 200 }),
    );

    expect(error.code).toBe("EXPLORE_APP_NOT_READY");
  });

  test("says so when the program does not exist", async () => {
    const error = await failureOf(() => connectHttp({ command: ["no-such-program"] }));

    expect(error.code).toBe("EXPLORE_APP_NOT_READY");
    expect(stable(error.message)).toContain("it cannot be started (spawn no-such-program ENOENT)");
  });

  test("does not take another process on the given port for the app", async () => {
    const other = createServer((_, response) => response.end()).listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await new Promise((resolve) => void other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;

    const error = await failureOf(() => connectHttp({ ...SHOP, port }));

    expect(stable(error.message)).toContain("port <port> is taken by another process");
  });
});

describe("death", () => {
  test("tells a death during a request from a refusal, with the last output", async () => {
    const { handle: api } = await connectHttp(SHOP);

    const error = await failureOf(() => api.post("/crash"));

    expect(error.code).toBe("EXPLORE_APP_DIED");
    expect(stable(error.message)).toMatchInlineSnapshot(`
      "The app died during POST /crash: it exited with code 7.
        command: node shop.mjs
        folder:  <apps>
        url:     http://127.0.0.1:<port>
        output:
          about to crash
      It is started again at the next rollback. An app must survive every request."
    `);
  });

  test("notices a death after the response when the state is compared", async () => {
    const { handle: api, adapter } = await connectHttp(SHOP);
    const root = await adapter.checkpoint();
    await api.post("/crash-later");
    await sleep(300);

    for (const look of [() => adapter.diff(root), () => adapter.checkpoint()]) {
      expect(await failureOf(look)).toMatchObject({
        code: "EXPLORE_APP_DIED",
        details: { code: 9, during: "after the last step" },
      });
    }
  });

  test("starts a dead app again at the rollback: same port, same environment", async () => {
    const { handle: api, adapter } = await connectHttp({ ...SHOP, env: { GREETING: "again" } });
    const root = await adapter.checkpoint();
    const before = (await api.get<Greeting>("/greeting")).body;

    for (let round = 0; round < 2; round += 1) {
      await failureOf(() => api.post("/crash"));
      await goBack(adapter, root);
    }

    const after = (await api.get<Greeting>("/greeting")).body;
    expect(after.greeting).toBe("again");
    expect(after.pid).not.toBe(before.pid);
    expect(await adapter.diff(root)).toEqual([]);
  });

  test("starts an app again that runs and accepts no connection", async () => {
    const { handle: api, adapter } = await connectHttp({
      command: nodeCommand(`
        const server = require("node:http").createServer((request, response) => {
          response.end("fine");
          if (request.url !== "/deaf") return;
          setInterval(() => {}, 1000);
          server.close();
          response.on("close", () => server.closeAllConnections());
        });
        server.listen(process.env.PORT, process.env.HOST);`),
    });
    const root = await adapter.checkpoint();

    await api.get("/deaf");
    const refused = await failureOf(() => api.get("/"));
    await goBack(adapter, root);

    expect(refused.code).toBe("EXPLORE_APP_UNREACHABLE");
    expect((await api.get("/")).text).toBe("fine");
  });

  test("keeps the connections of concurrent requests apart from a restart", async () => {
    const { handle: api, adapter } = await connectHttp(SHOP);
    const root = await adapter.checkpoint();
    // Sixteen kept connections to a process that is about to end.
    await Promise.all(Array.from({ length: 16 }, () => api.post("/orders", {})));
    await failureOf(() => api.post("/crash"));
    await goBack(adapter, root);

    const answers = await Promise.all(Array.from({ length: 16 }, () => api.post("/orders", {})));

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 201));
  });

  test("starts an app again that still works on a request that was given up", async () => {
    const { handle: api, adapter } = await connectHttp({
      command: nodeCommand(`
        require("node:http").createServer((request, response) => {
          if (request.url !== "/slow") response.end(String(process.pid));
        }).listen(process.env.PORT, process.env.HOST);`),
    });
    const root = await adapter.checkpoint();
    const before = (await api.get("/")).text;

    const late = await failureOf(() => api.get("/slow", { timeoutMs: 50 }));
    await goBack(adapter, root);

    expect(late.code).toBe("EXPLORE_REQUEST_TIMEOUT");
    expect((await api.get("/")).text).not.toBe(before);
  });

  test("calls reset after each rollback, with a client that leaves no cookie", async () => {
    const { handle: api, adapter } = await connectHttp({
      ...SHOP,
      reset: async (client) => {
        await client.post("/login");
        await client.post("/clear");
      },
    });
    const root = await adapter.checkpoint();
    await api.post("/orders", {});

    await goBack(adapter, root);

    expect((await api.get("/orders")).body).toEqual({ orders: [] });
    expect(await adapter.diff(root)).toEqual([]);
  });
});

describe("stop", () => {
  test("ends the whole tree of processes", async () => {
    const { handle: api, adapter } = await connectHttp({
      command: "sh parent.sh",
      env: { NODE: process.execPath },
      ready: "/health",
    });
    const child = (await api.get<Greeting>("/greeting")).body.pid;
    const grandchild = Number(/grandchild (\d+)/.exec(api.log)?.[1]);
    expect([child, grandchild].map(isRunning)).toEqual([true, true]);

    await adapter[Symbol.asyncDispose]();

    expect([child, grandchild].map(isRunning)).toEqual([false, false]);
  });

  test("kills an app that does not listen to the stop signal", async () => {
    const { handle: api, adapter } = await connectHttp({
      command: nodeCommand(`
        process.on("SIGTERM", () => console.log("no"));
        require("node:http")
          .createServer((_, response) => response.end(String(process.pid)))
          .listen(process.env.PORT, process.env.HOST);`),
      stopTimeoutMs: 100,
    });
    const pid = Number((await api.get("/")).text);

    await adapter[Symbol.asyncDispose]();

    expect(isRunning(pid)).toBe(false);
  });

  test("ends an app with the signal that the spec names", async () => {
    const {
      handle: api,
      adapter,
      output,
    } = await connectHttp({
      command: nodeCommand(`
        process.on("SIGINT", () => { console.log("bye"); process.exit(); });
        process.on("SIGTERM", () => console.log("never"));
        require("node:http").createServer((_, response) => response.end())
          .listen(process.env.PORT, process.env.HOST);`),
      stopSignal: "SIGINT",
    });
    await api.get("/");

    await adapter[Symbol.asyncDispose]();

    expect(output?.since(0)).toBe("bye\n");
  });
});

test("leaves nothing behind a kill -9 once the next run has swept", async () => {
  ownTemporaryFolder();
  const owner = spawn(process.execPath, [join(APPS, "owner.ts")]);
  onTestFinished(() => void owner.kill("SIGKILL"));
  const [text] = await once(owner.stdout, "data");
  const processes = JSON.parse(String(text)) as readonly number[];
  owner.kill("SIGKILL");
  await once(owner, "exit");
  expect(processes.map(isRunning)).toEqual([true, true]);

  expect(sweepDeadOwners()).toHaveLength(1);

  await expect.poll(() => processes.map(isRunning)).toEqual([false, false]);
});

test("hands out what was printed since a mark", async () => {
  const { handle: api, output } = await connectHttp(SHOP);
  await api.post("/orders", {});
  await expect.poll(() => api.log).toBe("created order 1\n");
  const mark = output?.mark() ?? NaN;

  await api.post("/orders", {});

  await expect.poll(() => output?.since(mark)).toBe("created order 2\n");
});
