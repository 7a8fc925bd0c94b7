import { threadId } from "node:worker_threads";
import {
  livenessOf,
  ownIdentity,
  type ProcessIdentity,
  readIdentity,
} from "../../provision/ownership/owner.ts";
import { KEEP_ELSEWHERE_MS } from "../../provision/ownership/processes.ts";

/** What a claimed database says about itself. */
export interface Marker {
  readonly owner: ProcessIdentity;
  /** The thread of that process. */
  readonly thread: number;
  readonly slot: string;
  /**
   * `claimed`: nothing was written yet, or all is put back. `empty`: there was nothing before. `base`:
   * what was there before is in the base copy.
   */
  readonly stage: "claimed" | "empty" | "base";
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Tells the claims of one thread apart. */
  readonly number: number;
}

const STAGES = ["claimed", "empty", "base"] as const;

/** The numbers of this thread's claims that are at work. */
const atWork = new Set<number>();
let lastNumber = 0;

/** A claim of this thread. It counts as at work until `end` is called. */
export function beginClaim(slot: string): {
  readonly textOf: (stage: Marker["stage"]) => string;
  readonly end: () => void;
} {
  const number = (lastNumber += 1);
  atWork.add(number);
  const since = Date.now();
  return {
    textOf: (stage) =>
      JSON.stringify({
        owner: ownIdentity(),
        thread: threadId,
        slot,
        stage,
        since,
        number,
      } satisfies Marker),
    end: () => void atWork.delete(number),
  };
}

/** Reads a marker; `undefined` for anything else, such as an empty text. */
export function readMarker(text: string): Marker | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { owner, thread, slot, stage, since, number } = value as Record<string, unknown>;
  const identity = readIdentity(owner);
  const known = STAGES.find((one) => one === stage);
  if (identity === undefined || known === undefined || typeof slot !== "string") return undefined;
  if (typeof since !== "number" || typeof number !== "number" || typeof thread !== "number") {
    return undefined;
  }
  return { owner: identity, thread, slot, stage: known, since, number };
}

/** Whether the world that set a marker is at work, or was killed or could not clean up. */
export function standingOf({ owner, thread, since, number }: Marker): "working" | "left" {
  const liveness = livenessOf(owner);
  if (liveness === "elsewhere") return Date.now() - since > KEEP_ELSEWHERE_MS ? "left" : "working";
  if (liveness === "dead") return "left";
  const isOwn = owner.pid === process.pid && thread === threadId;
  return isOwn && !atWork.has(number) ? "left" : "working";
}
