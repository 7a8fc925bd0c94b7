import { livenessOf, type ProcessIdentity, readIdentity } from "../../provision/owner.ts";
import { KEEP_ELSEWHERE_MS } from "../../provision/processes.ts";

/** What a claimed database says about itself. */
export interface Marker {
  readonly owner: ProcessIdentity;
  readonly slot: string;
  /**
   * `claimed`: nothing was written yet. `empty`: there was nothing before. `base`: what was there
   * before is in the base copy.
   */
  readonly stage: "claimed" | "empty" | "base";
  /** Milliseconds since the epoch. */
  readonly since: number;
}

const STAGES = ["claimed", "empty", "base"] as const;

/** Reads a marker; `undefined` for anything else, such as an empty text. */
export function readMarker(text: string): Marker | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { owner, slot, stage, since } = value as Record<string, unknown>;
  const identity = readIdentity(owner);
  const known = STAGES.find((one) => one === stage);
  if (identity === undefined || known === undefined) return undefined;
  if (typeof slot !== "string" || typeof since !== "number") return undefined;
  return { owner: identity, slot, stage: known, since };
}

/** Whether the world that set a marker is at work, or was killed. */
export function standingOf({ owner, since }: Marker): "working" | "left" {
  const liveness = livenessOf(owner);
  if (liveness === "elsewhere") return Date.now() - since > KEEP_ELSEWHERE_MS ? "left" : "working";
  return liveness === "dead" ? "left" : "working";
}
