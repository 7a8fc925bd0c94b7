import type { Path } from "../../trace/path-codec.ts";
import type { Edge } from "../frontier.ts";
import { next, pathTo, type State } from "../graph.ts";
import type { ExploreOptions } from "../options.ts";
import type { Earlier } from "../run-first.ts";
import type { Search } from "../search.ts";
import { planner } from "../plan-edge.ts";
import { type Ahead, createAhead } from "./ahead.ts";
import type { Assistant, Errand, WayStep } from "./errand.ts";

/** Of the time that a step may take: an errand may wait for two others. */
const PATIENCE = 3;
/** Where a step may take any time, milliseconds. */
const MOST_PATIENCE = 60_000;

/**
 * Lets the assistants of an exploration run ahead of its search.
 *
 * @param earlier - What was run before the search, and is not run again by anybody else.
 */
export function startAhead<Args>(
  options: Omit<ExploreOptions<Args>, "subject">,
  { graph, expansion, checks }: Pick<Search<Args>, "graph" | "expansion" | "checks">,
  earlier: () => Earlier,
): Ahead | undefined {
  const { assistants = [], paths, budget, signal } = options;
  if (assistants.length === 0 || paths !== undefined) return undefined;
  const { root } = graph;
  const planFor = planner(options, earlier);

  function errandOf(edge: Edge): Errand | undefined {
    const { from, action, thrown } = edge;
    if (thrown !== undefined) return undefined;
    const asked = { way: wayOf(root, pathTo(from)), witnessed: [...checks.witnesses.keys()] };
    if (action === undefined) return { ...asked, action, hooked: false };
    const { branch, hooked } = planFor({ ...edge, action }).plan;
    return earlier().results.has(branch.name) ? undefined : { ...asked, action, hooked };
  }

  const { stepTimeoutMs } = budget;
  const patienceMs = stepTimeoutMs === undefined ? MOST_PATIENCE : PATIENCE * stepTimeoutMs;
  const ahead = createAhead({ peek: expansion.peek, errandOf, patienceMs, signal });
  let isOver = false;
  async function joinWhenThere(coming: Promise<Assistant>): Promise<void> {
    try {
      const assistant = await coming;
      if (!isOver && assistant.fingerprint === root.fingerprint) ahead.join(assistant);
    } catch {
      // Whoever made it says why it does not come.
    }
  }
  for (const coming of assistants) void joinWhenThere(coming);
  return {
    ...ahead,
    close: () => {
      isOver = true;
      ahead.close();
    },
  };
}

/** The states along a path from the initial state. */
function wayOf(root: State, path: Path): readonly WayStep[] {
  let state: State | undefined = root;
  return path.map((action) => {
    state = state && next(state, action);
    return { action, fingerprint: state?.fingerprint ?? "" };
  });
}
