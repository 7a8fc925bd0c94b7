import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { onTestFinished } from "vitest";
import { needs, type Probe } from "../lane.ts";
import { REDIS_PROGRAM } from "./versions.ts";

/** A lane for tests that need a Redis server. */
export const needsRedis: Probe = needs(REDIS_PROGRAM);

/** A throw-away server. */
export interface TestServer {
  readonly host: string;
  readonly port: number;
  readonly socket: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

const host = "127.0.0.1";

/** What differs from a server of the tests' own choice. */
export interface ServerChoice {
  /** A port that is free; by default the system chooses one. */
  readonly on?: number | undefined;
  readonly program?: string | undefined;
  /** A folder to keep data in, which stays; by default one that goes with the server. */
  readonly folder?: string | undefined;
}

/** Starts a server that keeps nothing. */
export async function startServer(
  args: readonly string[] = [],
  { on, program = REDIS_PROGRAM, folder: given }: ServerChoice = {},
): Promise<TestServer> {
  const folder = given ?? mkdtempSync(join(tmpdir(), "explore-redis-"));
  const port = on ?? (await freePort(host));
  const socket = join(folder, "s");
  const fixed = ["--port", String(port), "--bind", host, "--unixsocket", socket, "--dir", folder];
  const child = spawn(program, [...fixed, "--save", "", "--appendonly", "no", ...args], {
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async (): Promise<void> => {
    process.off("exit", kill);
    kill();
    await ended;
    if (given === undefined) rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (tries > 200 || child.exitCode !== null) {
      await stop();
      throw new Error(`${program} did not start on port ${port}`);
    }
    await sleep(10);
  }
  return { host, port, socket, pid: child.pid ?? 0, stop };
}

/** An app's own connection, ended with the test. */
export async function appConnection(port: number, db = 0): Promise<Redis> {
  const app = new Redis({ port, db, lazyConnect: true, retryStrategy: () => null });
  app.on("error", () => {});
  await app.connect();
  onTestFinished(() => app.disconnect());
  return app;
}

async function answers(port: number): Promise<boolean> {
  const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
