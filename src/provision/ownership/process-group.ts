import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { GROUP_MARK, newGroupMark, ownGroup, type OwnedGroup } from "./groups.ts";

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Ends a sentence about the process: "exited with code 1". */
export function exitText({ code, signal }: Exit): string {
  return signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
}

/** What to run, and how to end it. */
export interface Launch {
  /** A line for the shell, or a program with its arguments. */
  readonly command: string | readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  readonly print: (text: string) => void;
  /** Who runs it. Default: the user of this process. */
  readonly user?: User | undefined;
  /** What the group is sent when this process exits first. Default: `SIGKILL`. */
  readonly exitSignal?: NodeJS.Signals;
}

/** A user of this machine, by numbers. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** A process with all its descendants that stay in its group. */
export interface ProcessGroup {
  /** `undefined` while it runs. */
  readonly exit: () => Exit | undefined;
  /** Whether it runs at this moment, also when its end has not been told yet. */
  readonly isAlive: () => boolean;
  /** Resolves when it has ended and what it printed has been read. */
  readonly exited: Promise<Exit>;
  /** Lets this process exit while it runs. */
  readonly unref: () => void;
  /** Ends the whole group; returns when nothing of it is left. Harmless when it has ended. */
  readonly stop: () => Promise<void>;
}

const POLL_MS = 5;
// Descendants may keep the pipes open after the process has ended.
const DRAIN_MS = 100;
// SIGKILL is not refused; this only bounds the wait for the kernel.
const KILL_WAIT_MS = 2000;

/** Starts a process in a group of its own and makes sure that the group ends with this process. */
export async function startProcess(launch: Launch): Promise<ProcessGroup> {
  const mark = newGroupMark();
  const child = spawnGroup({ ...launch, env: { ...launch.env, [GROUP_MARK]: mark } });
  let exit: Exit | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", launch.print);
  }
  const closed = once(child, "close").catch(() => undefined);
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => {
      exit = { code, signal };
      void Promise.race([closed, pause(DRAIN_MS)]).then(() => resolve({ code, signal }));
    });
  });
  const group = own(child, mark, launch.exitSignal);
  await once(child, "spawn");
  let stopping: Promise<void> | undefined;
  return {
    exit: () => exit,
    isAlive: () => exit === undefined && group?.isAlive() === true,
    exited,
    unref: () => forEachHandle(child, (handle) => handle.unref()),
    stop: () => (stopping ??= stopProcess({ child, group, exited }, launch)),
  };
}

function spawnGroup({ command, cwd, env, user }: Launch): ChildProcess {
  const stdio: SpawnOptions["stdio"] = ["ignore", "pipe", "pipe"];
  const options: SpawnOptions = { cwd, env, detached: true, stdio, ...user };
  if (typeof command === "string") return spawn(command, { ...options, shell: true });
  const [program = "", ...args] = command;
  return spawn(program, args, options);
}

interface Handle {
  readonly ref: () => unknown;
  readonly unref: () => unknown;
}

/** The process and what it prints: each keeps this process alive. */
function forEachHandle(child: ChildProcess, act: (handle: Handle) => void): void {
  // Pipes, which are sockets, though the types promise less.
  const streams = [child.stdout, child.stderr] as unknown as readonly (Handle | null)[];
  for (const handle of [child, ...streams]) if (handle !== null) act(handle);
}

function own(
  child: ChildProcess,
  mark: string,
  exitSignal: NodeJS.Signals | undefined,
): OwnedGroup | undefined {
  // It could not be started; "error" tells why.
  if (child.pid === undefined) return undefined;
  try {
    return ownGroup(child.pid, mark, exitSignal);
  } catch (error) {
    // Nobody would end it later.
    process.kill(-child.pid, "SIGKILL");
    throw error;
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly group: OwnedGroup | undefined;
  readonly exited: Promise<Exit>;
}

async function stopProcess(
  { child, group, exited }: Started,
  { stopSignal, stopTimeoutMs }: Launch,
): Promise<void> {
  forEachHandle(child, (handle) => handle.ref());
  if (group?.signal(stopSignal) === true && !(await isGone(group, stopTimeoutMs))) {
    group.signal("SIGKILL");
    await isGone(group, KILL_WAIT_MS);
  }
  await Promise.race([exited, pause(KILL_WAIT_MS)]);
  group?.disown();
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** A limit to a wait; it keeps no process alive. */
function pause(ms: number): Promise<void> {
  return sleep(ms, undefined, { ref: false });
}

async function isGone(group: OwnedGroup, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (group.isAlive()) {
    if (performance.now() > end) return false;
    await sleep(POLL_MS);
  }
  return true;
}
