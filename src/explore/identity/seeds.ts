import { isBytes } from "./knowledge.ts";
import { parseTime } from "./times.ts";
import { findTokens } from "./tokens.ts";

/** Shorter texts hold nothing that could be told by its shape. */
const SHORTEST = 8;

/** More are not kept: that would be memory for what a very large seed could in theory be mixed up with. */
const MOST = 500_000;

/**
 * Collects what looks generated from a value and all in it: UUIDs, tokens and date-times. Those of
 * the initial state are constants; only what is made later is a generated value.
 *
 * @param value - Plain data without cycles.
 */
export function addConstants(value: unknown, into: Set<string>): void {
  if (typeof value === "string") {
    addText(value, into);
    return;
  }
  if (typeof value !== "object" || value === null || isBytes(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    addConstants(inner, into);
    if (!Array.isArray(value)) addText(key, into);
  }
}

function addText(text: string, into: Set<string>): void {
  if (text.length < SHORTEST || into.size >= MOST) return;
  if (parseTime(text) !== undefined) into.add(text);
  for (const { start, end } of findTokens(text)) into.add(text.slice(start, end));
}
