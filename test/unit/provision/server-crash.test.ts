import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { identify } from "../../../src/provision/ownership/owner.ts";
import { privateFolder } from "../../../src/provision/ownership/private-folder.ts";
import type { ServerKind } from "../../../src/provision/server-request.ts";
import { createServers } from "../../../src/provision/provision.ts";
import { sweepLeftovers } from "../../../src/provision/ownership/sweep.ts";
import { lane } from "../../support/lane.ts";
import { shareTemporaryFolder } from "../../support/provision/folder.ts";
import { processesIn } from "../../support/process-table.ts";
import { needsServer } from "../../support/provision/needs-server.ts";

const OWNER = fileURLToPath(new URL("../../support/provision/server-owner.ts", import.meta.url));
const TIMEOUT_MS = 120_000;

shareTemporaryFolder();

interface Owned {
  readonly owner: ChildProcess;
  readonly urls: readonly string[];
}

/** Another process with servers of its own. */
async function startOwner(
  kinds: readonly ServerKind[],
  path = process.env["PATH"],
): Promise<Owned> {
  const owner = spawn(process.execPath, [OWNER, ...kinds], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PATH: path },
  });
  onTestFinished(() => void owner.kill("SIGKILL"));
  const died = once(owner, "exit").then(() => Promise.reject(new Error("the owner died")));
  const [text] = await Promise.race([once(owner.stdout, "data"), died]);
  return { owner, urls: JSON.parse(String(text)) as string[] };
}

async function kill9(owner: ChildProcess): Promise<void> {
  const exited = once(owner, "exit");
  owner.kill("SIGKILL");
  await exited;
}

/** The processes of the servers of this file. */
const serverProcesses = (): readonly number[] =>
  processesIn(privateFolder("servers")).map(({ pid }) => pid);

/** The numbers of the shared memory that the servers of this file use. */
function usedSegments(): readonly string[] {
  return readdirSync(privateFolder("servers")).flatMap((name) => {
    try {
      const file = join(privateFolder("servers"), name, "data/postmaster.pid");
      return [readFileSync(file, "utf8").split("\n")[6]?.trim().split(/\s+/)[1] ?? ""];
    } catch {
      return [];
    }
  });
}

/** The numbers of all shared memory. */
function segments(): readonly (string | undefined)[] {
  const lines = readFileSync("/proc/sysvipc/shm", "utf8").split("\n");
  return lines.map((line) => line.trim().split(/\s+/)[1]);
}

const KINDS = ["postgres", "mysql", "redis"] as const;

async function everyKind(): Promise<string | undefined> {
  if (process.platform !== "linux") return "the process table is read from /proc";
  for (const kind of KINDS) {
    const reason = await needsServer(kind)();
    if (reason !== undefined) return reason;
  }
  return undefined;
}

lane("after kill -9 of the process that owns servers", everyKind, () => {
  test(
    "they end at once, and the next start removes the rest",
    { timeout: TIMEOUT_MS },
    async () => {
      const { owner } = await startOwner(KINDS);
      const used = usedSegments();
      expect(used).toHaveLength(1);
      expect(serverProcesses().length).toBeGreaterThanOrEqual(KINDS.length);

      await kill9(owner);

      await expect.poll(() => serverProcesses(), { timeout: 20_000 }).toEqual([]);
      expect(readdirSync(privateFolder("servers"))).toHaveLength(KINDS.length);
      await sweepLeftovers();
      expect(readdirSync(privateFolder("servers"))).toEqual([]);
      expect(readdirSync(privateFolder("processes"))).toEqual([]);
      for (const id of used) expect(segments()).not.toContain(id);
    },
  );

  test(
    "they run on where the system cannot end them, until the next start",
    { timeout: TIMEOUT_MS },
    async () => {
      // The program that asks the system for it does not know how.
      const folder = privateFolder("work");
      writeFileSync(join(folder, "setpriv"), "#!/bin/sh\nexit 1\n", { mode: 0o700 });
      const { owner } = await startOwner(KINDS, `${folder}${delimiter}${process.env["PATH"]}`);
      const used = usedSegments();
      await kill9(owner);
      expect(serverProcesses().length).toBeGreaterThanOrEqual(KINDS.length);

      await createServers({ ways: [] })
        .provide({ kind: "redis", options: {} }, process.cwd())
        .catch(() => undefined);

      expect(serverProcesses()).toEqual([]);
      expect(readdirSync(privateFolder("servers"))).toEqual([]);
      expect(readdirSync(privateFolder("processes"))).toEqual([]);
      expect(used).toHaveLength(1);
      for (const id of used) expect(segments()).not.toContain(id);
    },
  );

  test.for(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "but by %s, nothing is left at all",
    { timeout: TIMEOUT_MS },
    async (signal) => {
      const { owner } = await startOwner(["redis"]);
      const exited = once(owner, "exit");

      owner.kill(signal);
      await exited;

      await expect.poll(() => serverProcesses()).toEqual([]);
    },
  );
});

lane("a server that is killed", needsServer("postgres"), () => {
  test("is replaced when it is asked for again", { timeout: TIMEOUT_MS }, async () => {
    const servers = createServers();
    onTestFinished(() => servers.stop());
    const request = { kind: "postgres", options: { way: "binary" } } as const;
    const first = await servers.provide(request, process.cwd());
    const killed = serverProcesses();
    spawnSync("kill", ["-9", ...killed.map(String)]);
    // A dying process leaves its folder before it has ended.
    await expect.poll(() => killed.filter((pid) => identify(pid) !== undefined)).toEqual([]);

    const second = await servers.provide(request, process.cwd());

    expect(second.url).not.toBe(first.url);
    expect(readdirSync(privateFolder("servers"))).toHaveLength(1);
  });
});
