import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";

/** A process, told apart from every later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Where the number means something: this boot of this machine (or container). */
  readonly place: string;
  /** When it was started, in the system's own form. */
  readonly start: string;
}

/** `elsewhere`: the number belongs to another machine, container or boot, so nothing is known. */
export type Liveness = "alive" | "dead" | "elsewhere";

let place: string | undefined;
let self: ProcessIdentity | undefined;

/** This process. */
export function ownIdentity(): ProcessIdentity {
  self ??= identify(process.pid);
  if (self === undefined) throw new Error("This process cannot be found in the process table.");
  return self;
}

/** The process that has the number now, `undefined` when there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  const start = startOf(pid);
  return start === undefined ? undefined : { pid, place: ownPlace(), start };
}

/** Whether exactly this process still runs. */
export function livenessOf(identity: ProcessIdentity): Liveness {
  if (identity.place !== ownPlace()) return "elsewhere";
  return startOf(identity.pid) === identity.start ? "alive" : "dead";
}

/** Reads an identity from a file that anything may have been written to. */
export function readIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { pid, place: where, start } = value as Record<string, unknown>;
  // 1 and below address other things than one process when they are signalled.
  if (!Number.isSafeInteger(pid) || Number(pid) <= 1) return undefined;
  if (typeof where !== "string" || typeof start !== "string") return undefined;
  return { pid: Number(pid), place: where, start };
}

function ownPlace(): string {
  place ??= createHash("sha256").update(describePlace()).digest("hex").slice(0, 8);
  return place;
}

function describePlace(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    // Not Linux: start times have the date in them, so a reboot needs no mark of its own.
    return process.platform;
  }
}

function startOf(pid: number): string | undefined {
  if (process.platform !== "linux") return startFromPs(pid);
  const stat = readStat(pid);
  // A zombie has ended; only its parent has not asked for its exit code.
  return stat === undefined || stat.state === "Z" ? undefined : stat.start;
}

function startFromPs(pid: number): string | undefined {
  const { stdout } = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  const [, state, start] = /^(\S+)\s+(.*\S)/.exec(stdout.trim()) ?? [];
  if (state === undefined || start === undefined || state.startsWith("Z")) return undefined;
  return createHash("sha256").update(start).digest("hex").slice(0, 12);
}

/**
 * A line of Linux's process table.
 *
 * @see proc_pid_stat(5): the name is in parentheses and may contain anything; fields count after it.
 */
export function readStat(
  pid: number | string,
): { readonly state: string; readonly group: number; readonly start: string } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, , group] = fields;
  const start = fields[19];
  if (state === undefined || group === undefined || start === undefined) return undefined;
  return { state, group: Number(group), start };
}
