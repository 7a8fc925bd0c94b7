import { performance } from "node:perf_hooks";
import { lastVersion, type Node } from "./history.ts";
import type { Key } from "./keys.ts";

/** Decides for which keys, that nobody has touched, a rollback must set the remaining time again. */
export interface Times {
  /** How far the history's clock was behind the server's when a key's time was last set. */
  readonly behindOf: (key: Key) => number | undefined;
  /** The server's clock, guessed by ours since it was last told. */
  readonly now: () => number;
  /** Notes a checkpoint that was made at a time of the server. */
  readonly saved: (node: Node, behindMs: number, at: number) => void;
  /** The keys whose time must be set to return to a checkpoint now. */
  readonly due: (to: Node) => readonly Key[];
  /** Notes keys that were written at a time of the server. */
  readonly written: (keys: Iterable<Key>, to: Node, at: number) => void;
}

/** Up to this many keys that run out, all times are set: it costs nothing that one could notice. */
const EXACT_UP_TO = 200;

/** Beyond, a time is set again once it is off by this share of what was left. */
const TOLERANCE = 0.01;

/** Where nothing needs to be done as long as the history's clock is behind by no more and no less. */
interface Range {
  from: number;
  to: number;
}

/** Times of keys in one database. The cost of a rollback shall not follow how many keys run out. */
export function createTimes(): Times {
  const behind = new Map<Key, number>();
  let safe: Range = { from: -Infinity, to: Infinity };
  let clock = { at: 0, local: 0 };

  function narrow(node: Node, key: Key, behindMs: number): void {
    const tolerance = toleranceOf(node, key);
    safe = {
      from: Math.max(safe.from, behindMs - tolerance),
      to: Math.min(safe.to, behindMs + tolerance),
    };
  }

  function note(node: Node, key: Key, behindMs: number): void {
    if (!node.expiring.has(key)) return void behind.delete(key);
    behind.set(key, behindMs);
    narrow(node, key, behindMs);
  }

  const now = (): number => clock.at + performance.now() - clock.local;

  return {
    now,
    behindOf: (key) => behind.get(key),
    saved: (node, behindMs, at) => {
      clock = { at, local: performance.now() };
      for (const key of node.delta.keys()) note(node, key, behindMs);
    },
    due: (to) => {
      if (to.expiring.size <= EXACT_UP_TO) return [...to.expiring];
      const behindMs = now() - to.at;
      if (behindMs >= safe.from && behindMs <= safe.to) return [];
      safe = { from: -Infinity, to: Infinity };
      return [...to.expiring].filter((key) => {
        const was = behind.get(key) ?? -Infinity;
        if (Math.abs(behindMs - was) > toleranceOf(to, key)) return true;
        narrow(to, key, was);
        return false;
      });
    },
    written: (keys, to, at) => {
      clock = { at, local: performance.now() };
      for (const key of keys) note(to, key, at - to.at);
    },
  };
}

function toleranceOf(node: Node, key: Key): number {
  const leftMs = (lastVersion(node, key)?.expiresAt ?? 0) - node.at;
  return Math.max(0, leftMs * TOLERANCE);
}
