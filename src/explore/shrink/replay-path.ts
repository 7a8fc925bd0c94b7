import type { Path } from "../../trace/path-codec.ts";
import type { TracedStep } from "../../trace/trace.ts";
import { attempter, type AttemptOptions } from "../attempt.ts";
import { actionAt } from "../branch.ts";
import type { Expansion } from "../expansion.ts";
import { createGraph } from "../graph.ts";
import { inputAt } from "../inputs.ts";
import type { Recording } from "../model.ts";
import type { Branch, Failure } from "../records.ts";

/** What a replay of shorter paths needs. */
export interface PathReplayOptions<Args> extends AttemptOptions<Args> {
  readonly expansion: Pick<Expansion, "ask">;
}

/** How a path ended that was run from the initial state. */
export interface PathReplay {
  /** The state before each step that was run. */
  readonly states: readonly string[];
  readonly failure?: Failure;
  /** Whether it was the last step that failed. */
  readonly isAtEnd?: boolean;
  /** What happened, as far as it was told. */
  readonly steps: readonly TracedStep[];
}

/** Runs a path; tells its steps by the recording, when there is one. */
export type ReplayPath = (path: Path, recording?: Recording) => Promise<PathReplay>;

/**
 * Returns the function that runs paths that need not be recorded: each step is asked for, run and
 * judged as in the search, and nothing of it is added to the search's graph.
 *
 * @param told - The branch that the steps are run for: what they tell the user belongs to it.
 */
export function pathReplayer<Args>(options: PathReplayOptions<Args>, told: Branch): ReplayPath {
  const { actions, root, travel, expansion } = options;
  const graph = createGraph(root.fingerprint);
  const runOnce = attempter(options);

  return async (path, recording) => {
    const states: string[] = [];
    const steps: TracedStep[] = [];
    let from = graph.root;
    await travel.fromRoot([]);
    try {
      for (const [index, action] of path.entries()) {
        const edge = await expansion.ask(from, action, () => told.name);
        if (edge === undefined) break;
        states.push(from.fingerprint);
        const isLast = index === path.length - 1;
        const branch = { name: told.name, ...stepsOf(path.slice(0, index + 1), actions) };
        travel.countReplay();
        const plan = { ...edge, branch, action, hooked: isLast, confirmed: false };
        const ended = await runOnce(plan, { isRepeated: true, recording });
        if (recording) {
          const { name } = actionAt(actions, action);
          const input = inputAt(actions, action, from);
          steps.push(await recording.end({ number: index + 1, action: name, input }));
        }
        const { failure, fingerprint } = ended;
        if (failure !== undefined) return { states, steps, failure, isAtEnd: isLast };
        // Nobody knows where it is: nothing can be said of what would come next.
        if (fingerprint === undefined) break;
        from = graph.record(from, action, fingerprint).to;
      }
      return { states, steps };
    } finally {
      // As after any failure, so that the search goes on in the same way.
      travel.lost();
    }
  };
}

function stepsOf(
  path: Path,
  actions: readonly { readonly name: string }[],
): Pick<Branch, "path" | "steps"> {
  return { path, steps: path.map((action) => actionAt(actions, action).name) };
}
