import { setImmediate } from "node:timers/promises";
import type { SystemOutput } from "../adapter.ts";

/** Characters kept of what an app prints. */
const OUTPUT_LIMIT = 64 * 1024;

/** The recent part of a growing text, addressed by positions in the whole of it. */
export interface Output extends SystemOutput {
  readonly append: (text: string) => void;
  /** Everything that is kept. */
  readonly text: () => string;
  /** The last lines, oldest first; empty when nothing was printed. */
  readonly lastLines: (count: number) => readonly string[];
}

/** Keeps the last `limit` characters of what is appended. */
export function createOutput(limit: number = OUTPUT_LIMIT): Output {
  let kept = "";
  let dropped = 0;

  function text(): string {
    return kept.slice(-limit);
  }

  return {
    append: (more) => {
      kept += more;
      // Cut at twice the limit, so that each character is copied once on average.
      if (kept.length <= limit * 2) return;
      dropped += kept.length - limit;
      kept = kept.slice(-limit);
    },
    // An app writes its line before its answer, so the line waits in the pipe: two turns of the
    // event loop read it.
    arrived: async () => {
      await setImmediate();
      await setImmediate();
    },
    mark: () => dropped + kept.length,
    since: (mark) => {
      const from = Math.max(mark - dropped, kept.length - limit, 0);
      return kept.slice(from);
    },
    text,
    lastLines: (count) => {
      const trimmed = text().trimEnd();
      return trimmed === "" ? [] : trimmed.split("\n").slice(-count);
    },
  };
}
