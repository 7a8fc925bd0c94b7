import { createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { isReady } from "../../../../src/provision/containers/readiness.ts";
import type { ServerKind } from "../../../../src/provision/server-request.ts";

/** First answers of servers as their protocols have them; the real ones are asked in test/containers. */
const ANSWERS: readonly (readonly [
  kind: ServerKind,
  what: string,
  answer: string,
  ready: boolean,
])[] = [
  ["postgres", "asks for the password", "R\0\0\0\u0017\0\0\0\n", true],
  ["postgres", "is starting up", "E\0\0\0\u0010SFATAL\0C57P03\0\0", false],
  ["mysql", "greets", "J\0\0\0\n9.7.4\0", true],
  ["mysql", "has too many clients", "\u0017\0\0\0\u00ff\u0010\u0004Too many", false],
  ["redis", "asks for the password", "-NOAUTH Authentication required.\r\n", true],
  ["redis", "has no password", "+PONG\r\n", true],
  ["redis", "is loading", "-LOADING Redis is loading the dataset in memory\r\n", false],
];

test.for(ANSWERS)("%s that %s", async ([kind, , answer, ready]) => {
  const port = await listen((socket) => void socket.write(Buffer.from(answer, "latin1")));
  expect(await isReady(kind, { host: "127.0.0.1", port })).toBe(ready);
});

test("a port that an engine opens before the server listens", async () => {
  const port = await listen((socket) => void socket.end());
  expect(await isReady("postgres", { host: "127.0.0.1", port })).toBe(false);
});

test("a server that says nothing is asked again later", async () => {
  const port = await listen(() => {});
  expect(await isReady("mysql", { host: "127.0.0.1", port })).toBe(false);
});

test("nobody listens", async () => {
  expect(await isReady("redis", { host: "127.0.0.1", port: 1 })).toBe(false);
});

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer(onConnection).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}
