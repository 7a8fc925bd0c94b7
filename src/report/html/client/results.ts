import type { Trace, TracedFailure } from "../../../trace/trace.ts";
import { branchName } from "../../../trace/path-codec.ts";
import type { PlaceItem } from "./place.ts";

/** What came of an action in a state, or of a sequence of its own. */
export interface Result {
  readonly item: PlaceItem;
  /** `create order → refund` */
  readonly name: string;
  readonly path: string;
  readonly outcome: "passed" | "failed";
  readonly failure?: TracedFailure;
}

/** Every transition with the branch that reported it, then the branches that are no transition. */
export function resultsOf(trace: Trace): readonly Result[] {
  const branches = new Map(trace.branches.map((branch) => [branch.path, branch]));
  const paths = new Set(trace.transitions.map(({ path }) => path));
  const transitions = trace.transitions.map(({ path, to }, index): Result => {
    const branch = branches.get(path);
    return {
      item: { kind: "transition", index },
      name: branch?.name ?? nameOf(trace, path),
      path,
      outcome: branch?.status ?? (to === undefined ? "failed" : "passed"),
      ...(branch?.failure && { failure: branch.failure }),
    };
  });
  const others = trace.branches.flatMap(
    ({ name, path, status, failure }, index): readonly Result[] =>
      paths.has(path)
        ? []
        : [
            {
              item: { kind: "branch", index },
              name: name === "" ? "initial state" : name,
              path,
              outcome: status,
              ...(failure && { failure }),
            },
          ],
  );
  return [...transitions, ...others];
}

/** The rule that a failure broke, or what else went wrong. */
export function ruleOf({ kind, invariant }: TracedFailure): string {
  if (invariant !== undefined) return invariant;
  return KINDS[kind];
}

const KINDS: Readonly<Record<TracedFailure["kind"], string>> = {
  violation: "a rule of the spec",
  error: "an error was thrown",
  diverged: "a replay led elsewhere",
  infrastructure: "the machinery failed",
};

/** Failures to be looked at first: of each kind one, by the shortest path. */
export function inOrderOfInterest(results: readonly Result[]): readonly Result[] {
  const length = ({ path }: Result): number => (path === "" ? 0 : path.split("/").length);
  const repeats = ({ failure }: Result): number => (failure?.sameAs === undefined ? 0 : 1);
  return results
    .filter(({ outcome }) => outcome === "failed")
    .toSorted((a, b) => repeats(a) - repeats(b) || length(a) - length(b));
}

function nameOf({ actions }: Trace, path: string): string {
  return branchName(path.split("/").map((number) => actions[Number(number)] ?? number));
}
