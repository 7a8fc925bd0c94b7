import type { Exchange, SystemExchanges, SystemOutput } from "../../adapters/adapter.ts";
import type { TracedExchange, TracedStep } from "../../trace/trace.ts";
import type { Secrets } from "../../trace/secrets.ts";
import { isPromise } from "../awaitable.ts";
import type { SystemDiff } from "../diffs.ts";
import type { Awaitable, Recording } from "../model.ts";
import { factsOf } from "./facts-of.ts";
import type { Names } from "./names.ts";
import { tellChanges } from "./tell-changes.ts";
import { tellExchange } from "./tell-exchange.ts";
import { tellInput } from "./tell-input.ts";

/** Where the facts of a step come from. */
export interface Sources {
  /** By the name of the system, as all of these. */
  readonly exchanges: ReadonlyMap<string, SystemExchanges>;
  readonly outputs: ReadonlyMap<string, SystemOutput>;
  /** The net differences of the present state from the root, as they were read when it was named. */
  readonly named: () => readonly SystemDiff[];
  /** The net differences as they are now. */
  readonly read: () => Promise<readonly SystemDiff[]>;
}

/** How facts are told: without secrets, and with the same names in all steps of a path. */
export interface Telling {
  readonly secrets: Secrets;
  readonly names: Names;
}

/** Output of one system in one step; more is of no use to a reader. */
const MOST_OUTPUT = 8192;

/** What one step is made of until it is told. */
export interface Taken {
  readonly before: readonly SystemDiff[];
  readonly marks: readonly Marks[];
  after: readonly SystemDiff[] | undefined;
  actedAt: readonly number[];
}

/** Where a step began in what a system was asked and has printed. */
interface Marks {
  readonly system: string;
  readonly exchanges: number;
  readonly output: number;
}

/**
 * Starts a recording; it holds nothing before `begin`.
 *
 * @param startTelling - Called when something is told: of most steps nothing is.
 */
export function createRecording(sources: Sources, startTelling: () => Telling): Recording {
  const { exchanges, outputs } = sources;
  let started: Telling | undefined;
  const telling = (): Telling => (started ??= startTelling());
  const systems = [...new Set([...exchanges.keys(), ...outputs.keys()])];
  let taken: Taken | undefined;

  function mark(system: string): Marks {
    const made = exchanges.get(system)?.mark() ?? 0;
    return { system, exchanges: made, output: outputs.get(system)?.mark() ?? 0 };
  }

  const text = (raw: string): string => telling().names.text(telling().secrets.hide(raw));

  return {
    text,
    begin: () => {
      const marks = systems.map(mark);
      taken = { before: sources.named(), marks, after: undefined, actedAt: [] };
    },
    acted: () => {
      if (taken === undefined) return undefined;
      taken.actedAt = systems.map((system) => exchanges.get(system)?.mark() ?? 0);
      const reading = readAfter(taken, sources);
      return isPromise(reading) ? reading : undefined;
    },
    facts: () => taken && factsOf(taken, sources),
    end: async ({ input, ...step }) => {
      for (const output of outputs.values()) await output.arrived();
      const { before = [], after, marks = [], actedAt = [] } = taken ?? {};
      const told = marks.map(({ system, exchanges: from }, index) =>
        exchangesOf(system, { from, to: actedAt[index] ?? from }),
      );
      const checks = told.flatMap(({ later }) => later);
      const omitted = told.reduce((sum, { lost }) => sum + lost, 0);
      return {
        ...step,
        ...(input && { input: tellInput(input, telling()) }),
        exchanges: told.flatMap(({ own }) => own),
        ...(omitted > 0 && { omittedExchanges: omitted }),
        ...(after && { changes: tellChanges(before, after, telling()) }),
        output: marks.flatMap(outputOf),
        ...(checks.length > 0 && { checks }),
      };
    },
  };

  function exchangesOf(system: string, { from, to }: { from: number; to: number }): Exchanged {
    const all = exchanges.get(system)?.since(from) ?? [];
    const now = exchanges.get(system)?.mark() ?? from;
    const tell = (exchange: Exchange): TracedExchange => tellExchange(system, exchange, telling());
    // Only the last ones are kept, so the count goes from the end.
    const own = Math.max(all.length - (now - to), 0);
    const lost = now - from - all.length;
    return { own: all.slice(0, own).map(tell), later: all.slice(own).map(tell), lost };
  }

  function outputOf({ system, output }: Marks): TracedStep["output"] {
    const printed = outputs.get(system)?.since(output).trimEnd() ?? "";
    return printed === "" ? [] : [{ system, text: text(printed.slice(-MOST_OUTPUT)) }];
  }
}

/** Without a promise where nothing has to be read. */
function readAfter(step: Taken, sources: Sources): Awaitable<void> {
  const named = sources.named();
  // Another list than before: the state that the step led to has been named.
  if (named !== step.before) {
    step.after = named;
    return undefined;
  }
  return sources.read().then(
    (read) => void (step.after = read),
    // An app that is dead cannot be asked; the failure says so.
    () => undefined,
  );
}

interface Exchanged {
  readonly own: readonly TracedExchange[];
  readonly later: readonly TracedExchange[];
  readonly lost: number;
}
