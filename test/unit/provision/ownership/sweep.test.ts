import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { createWorkFolder, sweepWorkFolders } from "../../../../src/provision/ownership/folders.ts";
import {
  newGroupMark,
  ownGroup,
  type GroupRecord,
} from "../../../../src/provision/ownership/groups.ts";
import { identify, ownIdentity } from "../../../../src/provision/ownership/owner.ts";
import { privateFolder } from "../../../../src/provision/ownership/private-folder.ts";
import {
  KEEP_ELSEWHERE_MS,
  sweepDeadOwners,
} from "../../../../src/provision/ownership/processes.ts";
import { ownTemporaryFolder } from "../../../support/provision/folder.ts";

const OWNER = fileURLToPath(new URL("../../../support/provision/owner.ts", import.meta.url));

interface Owned {
  readonly leader: number;
  readonly child: number;
  readonly path: string;
}

async function startOwner(...args: readonly string[]): Promise<readonly [ChildProcess, Owned]> {
  const owner = spawn(process.execPath, [OWNER, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void owner.kill("SIGKILL"));
  const [text] = await once(owner.stdout, "data");
  const owned = JSON.parse(String(text)) as Owned;
  // Where a test proves that they are left alone, nobody else ends them.
  onTestFinished(() => [owned.leader, owned.child].filter(isRunning).forEach(kill));
  return [owner, owned];
}

async function kill9(owner: ChildProcess): Promise<void> {
  const exited = once(owner, "exit");
  owner.kill("SIGKILL");
  await exited;
}

const isRunning = (pid: number): boolean => identify(pid) !== undefined;
const kill = (pid: number): unknown => process.kill(pid, "SIGKILL");

function startSleep(): number {
  const child = spawn("sleep", ["300"], { detached: true, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child.pid ?? NaN;
}

function writeRecord(change: Partial<GroupRecord>): string {
  const file = join(privateFolder("processes"), "written.json");
  const record = { leader: ownIdentity(), owner: ownIdentity(), mark: newGroupMark(), ...change };
  writeFileSync(file, JSON.stringify(record));
  return file;
}

describe("when the owner is told to end", () => {
  test.for(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "by %s, its groups end with it",
    async (signal) => {
      ownTemporaryFolder();
      const [owner, { leader, child }] = await startOwner();
      const exited = once(owner, "exit");

      owner.kill(signal);

      // As without us: ended by that signal.
      expect(await exited).toEqual([null, signal]);
      await expect.poll(() => [leader, child].map(isRunning)).toEqual([false, false]);
    },
  );
});

describe("after kill -9 of the owner", () => {
  test("a folder stays as long as a process of its owner has not been swept", async () => {
    ownTemporaryFolder();
    const [owner, { leader, path }] = await startOwner();
    await kill9(owner);

    expect(await sweepWorkFolders()).toEqual([]);
    expect(sweepDeadOwners()).toEqual([leader]);
    expect(await sweepWorkFolders()).toEqual([path]);
  });

  test("the sweep kills the whole group and removes record and folder", async () => {
    const folder = ownTemporaryFolder();
    const [owner, { leader, child, path }] = await startOwner();
    await kill9(owner);
    expect([leader, child].map(isRunning)).toEqual([true, true]);
    expect(path.startsWith(folder)).toBe(true);

    expect(sweepDeadOwners()).toEqual([leader]);
    expect(await sweepWorkFolders()).toEqual([path]);

    await expect.poll(() => [leader, child].map(isRunning)).toEqual([false, false]);
    expect(readdirSync(privateFolder("processes"))).toEqual([]);
    expect(existsSync(path)).toBe(false);
    expect(sweepDeadOwners()).toEqual([]);
  });

  test.runIf(process.platform === "linux")(
    "the sweep finds what is left of a group whose first process is gone",
    async () => {
      ownTemporaryFolder();
      const [owner, { leader, child }] = await startOwner("leaderless");
      await kill9(owner);
      expect([leader, child].map(isRunning)).toEqual([false, true]);

      expect(sweepDeadOwners()).toEqual([leader]);

      await expect.poll(() => isRunning(child)).toBe(false);
    },
  );
});

test("an owner that exits kills its groups itself", async () => {
  ownTemporaryFolder();
  const [owner, { leader, child }] = await startOwner("exit");
  if (owner.exitCode === null) await once(owner, "exit");

  await expect.poll(() => [leader, child].map(isRunning)).toEqual([false, false]);
});

describe("a sweep leaves alone", () => {
  test("what belongs to a living owner", async () => {
    ownTemporaryFolder();
    const [, { leader, child, path }] = await startOwner();

    expect(sweepDeadOwners()).toEqual([]);
    expect(await sweepWorkFolders()).toEqual([]);

    expect([leader, child].map(isRunning)).toEqual([true, true]);
    expect(existsSync(path)).toBe(true);
  });

  test("a process that got the number of one of ours, and removes the record", () => {
    ownTemporaryFolder();
    const pid = startSleep();
    const dead = { ...ownIdentity(), start: "1" };
    const file = writeRecord({ owner: dead, leader: { ...ownIdentity(), pid, start: "2" } });

    expect(sweepDeadOwners()).toEqual([]);

    expect(isRunning(pid)).toBe(true);
    expect(existsSync(file)).toBe(false);
  });

  test("what another machine or boot has left, for a day", async () => {
    ownTemporaryFolder();
    const pid = startSleep();
    const elsewhere = { ...ownIdentity(), place: "00000000", start: "1" };
    const leader = { ...ownIdentity(), ...identify(pid) };
    const file = writeRecord({ owner: elsewhere, leader });
    const folder = join(privateFolder("work"), "77-00000000-1-slot");
    mkdirSync(folder);
    sweepDeadOwners();
    await sweepWorkFolders();
    expect([file, folder].map((path) => existsSync(path))).toEqual([true, true]);

    const old = new Date(Date.now() - KEEP_ELSEWHERE_MS - 1000);
    for (const path of [file, folder]) utimesSync(path, old, old);
    expect(sweepDeadOwners()).toEqual([]);
    await sweepWorkFolders();

    expect([file, folder].map((path) => existsSync(path))).toEqual([false, false]);
    expect(isRunning(pid)).toBe(true);
  });

  test.for(["", "{", "[]", '{"leader":{"pid":-1}}', '{"leader":{"pid":1,"place":"","start":""}}'])(
    "everything when a record says %j",
    (text) => {
      ownTemporaryFolder();
      const file = join(privateFolder("processes"), "bad.json");
      writeFileSync(file, text);

      expect(sweepDeadOwners()).toEqual([]);
      expect(existsSync(file)).toBe(true);
    },
  );
});

describe("a group of this process", () => {
  test("is recorded until it is disowned, for this user's eyes only", () => {
    ownTemporaryFolder();
    const pid = startSleep();
    const mark = newGroupMark();
    const group = ownGroup(pid, mark);
    const [name] = readdirSync(privateFolder("processes"));
    expect(name).toBe(`${mark}.json`);
    expect(JSON.parse(readFileSync(join(privateFolder("processes"), name ?? ""), "utf8"))).toEqual({
      leader: identify(pid),
      owner: ownIdentity(),
      mark,
    });

    group?.disown();

    expect(readdirSync(privateFolder("processes"))).toEqual([]);
  });

  test("is signalled as long as it runs", async () => {
    ownTemporaryFolder();
    const group = ownGroup(startSleep(), newGroupMark());

    expect(group?.isAlive()).toBe(true);
    expect(group?.signal("SIGTERM")).toBe(true);
    await expect.poll(() => group?.isAlive()).toBe(false);
    expect(group?.signal("SIGTERM")).toBe(false);
    group?.disown();
  });

  test("is nothing when its first process has ended", async () => {
    ownTemporaryFolder();
    const child = spawn("true", { detached: true });
    await once(child, "exit");

    expect(ownGroup(child.pid ?? NaN, newGroupMark())).toBeUndefined();
  });
});

test("a work folder is empty, this user's alone, and gone once removed", async () => {
  ownTemporaryFolder();
  const first = await createWorkFolder("world-1");
  const second = await createWorkFolder("world-2");
  writeFileSync(join(first.path, "shop.sqlite"), "");

  await first.remove();
  await first.remove();

  expect([first, second].map(({ path }) => existsSync(path))).toEqual([false, true]);
});
