import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { orAborted, withDeadline } from "./deadline.ts";
import type { HttpClient } from "./types.ts";

/** How to tell that the app serves: resolves when it does, rejects with the reason when not yet. */
export type ReadyCheck = (remainingMs: number) => Promise<void>;

/** A path that answers with a status when the app serves. */
export interface ReadyPath {
  readonly path: string;
  /** Defaults to any status from 200 to 299. */
  readonly status?: number;
  /** Milliseconds; defaults to `readyTimeoutMs`. */
  readonly timeoutMs?: number;
}

/** What the spec may give as `ready`. A function may throw, or answer false, while it is too early. */
export type Ready = string | ReadyPath | ((client: HttpClient) => unknown);

const FIRST_PAUSE_MS = 5;
const LAST_PAUSE_MS = 50;
const ATTEMPT_MS = 5000;

/** Builds the check for `ready`; without one, the app is ready when it accepts a connection. */
export function readyCheck(ready: Ready | undefined, client: HttpClient): ReadyCheck {
  if (ready === undefined) return (remainingMs) => canConnect(client.url, remainingMs);
  if (typeof ready === "function") {
    return async () => {
      if ((await ready(client)) === false) throw new Error("the ready function answered false");
    };
  }
  const { path, status } = typeof ready === "string" ? { path: ready } : ready;
  return async (remainingMs) => {
    const timeoutMs = Math.min(Math.max(remainingMs, 1), ATTEMPT_MS);
    const response = await client.get(path, { timeoutMs });
    if (status === undefined ? response.ok : response.status === status) return;
    throw new Error(`GET ${path} answered ${response.status}`);
  };
}

/** Says in a message what was waited for. */
export function describeReady(ready: Ready | undefined): string {
  if (ready === undefined) return "a TCP connection";
  if (typeof ready === "function") return "the ready function";
  return `GET ${typeof ready === "string" ? ready : ready.path}`;
}

/**
 * Repeats `check` until it passes, the time is up or `gone` answers true.
 *
 * @returns `undefined` when it passed, else the last reason.
 */
export async function waitUntilReady(
  check: ReadyCheck,
  { timeoutMs: limitMs, gone }: { readonly timeoutMs: number; readonly gone: () => boolean },
): Promise<{ readonly reason: unknown } | undefined> {
  const end = performance.now() + limitMs;
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    try {
      const timeoutMs = Math.max(end - performance.now(), 1);
      await withDeadline({ timeoutMs, signal: undefined }, (signal) =>
        orAborted(check(timeoutMs), signal),
      );
      // Another process may listen on the port of one that has ended.
      return gone() ? { reason: new Error("its process has ended") } : undefined;
    } catch (reason) {
      if (gone() || performance.now() + pause > end) return { reason };
    }
    await sleep(pause);
    pause = Math.min(pause * 1.5, LAST_PAUSE_MS);
  }
}

/** Opens a connection and closes it again. */
export function canConnect(url: string, timeoutMs: number): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
      timeout: Math.max(timeoutMs, 1),
    });
    const end = (settle: () => void): void => {
      socket.destroy();
      settle();
    };
    socket.once("connect", () => end(resolve));
    socket.once("error", (error) => end(() => reject(error)));
    socket.once("timeout", () => end(() => reject(new Error(`no connection to ${url}`))));
  });
}
