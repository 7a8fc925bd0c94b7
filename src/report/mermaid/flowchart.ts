import type { Trace } from "../../trace/trace.ts";
import { type Arrow, arrowsOf, reasonOf } from "./arrows.ts";
import { label } from "./escape.ts";

/** Mermaid draws no more, unless it is configured to: GitHub and GitLab are not. */
const maxArrows = 500;
/** Mermaid takes 50,000; what says which arrows are red comes at the end. */
const maxCharacters = 45_000;

/** A drawing of a trace, and how much of it was left out. */
export interface Flowchart {
  readonly text: string;
  readonly arrows: number;
  readonly omitted: number;
}

/** Draws the states of a trace as nodes and its actions as arrows, as far as Mermaid can take it. */
export function flowchart(trace: Trace): Flowchart {
  const arrows = arrowsOf(trace);
  const stateNode = stateNodes(trace, arrows);
  const lines = ["flowchart TD", FAILED_CLASS];
  const known = new Set<string>();
  let characters = 0;
  let drawn = 0;

  function add(nodes: readonly Node[], link?: string): boolean {
    const fresh = new Map(nodes.filter(({ id }) => !known.has(id)).map((each) => [each.id, each]));
    const more = [...[...fresh.values()].map(nodeLine), ...(link === undefined ? [] : [link])];
    characters += more.join("\n").length + 1;
    if (characters > maxCharacters) return false;
    lines.push(...more);
    for (const id of fresh.keys()) known.add(id);
    return true;
  }

  add([stateNode(0)]);
  for (const arrow of arrows.slice(0, maxArrows)) {
    const from = stateNode(arrow.from);
    const to = arrow.to === undefined ? deadEnd(arrow, drawn) : stateNode(arrow.to);
    const link = `  ${from.id} -->|${label(arrow.actions.join(", "))}| ${to.id}`;
    if (!add([from, to], link)) break;
    drawn += 1;
  }
  // Those of failing paths come first.
  const red = arrows.slice(0, drawn).filter(({ onFailingPath }) => onFailingPath).length;
  if (red > 0) lines.push(`  linkStyle ${[...Array(red).keys()].join(",")} ${RED_LINK}`);
  return { text: lines.join("\n"), arrows: drawn, omitted: arrows.length - drawn };
}

const FAILED_CLASS = "  classDef failed fill:#fdd,stroke:#c00,color:#600";
const RED_LINK = "stroke:#c00,stroke-width:2px";

interface Node {
  readonly id: string;
  readonly text: string;
  readonly failed: boolean;
}

/** States by their number, with the failure that is first found there. */
function stateNodes({ branches }: Trace, arrows: readonly Arrow[]): (state: number) => Node {
  const failures = new Map<number, string>();
  const initial = reasonOf(branches.find(({ path }) => path === ""));
  if (initial !== undefined) failures.set(0, initial);
  for (const { to, failure } of arrows) {
    if (to !== undefined && failure !== undefined && !failures.has(to)) failures.set(to, failure);
  }
  return (state) => {
    const failure = failures.get(state);
    const text = failure === undefined ? String(state) : `${state}: ${failure}`;
    return { id: `s${state}`, text, failed: failure !== undefined };
  };
}

/** Stands for the state that an action did not reach. */
function deadEnd({ failure = "failed" }: Arrow, index: number): Node {
  return { id: `f${index}`, text: failure, failed: true };
}

function nodeLine({ id, text, failed }: Node): string {
  return `  ${id}[${label(text)}]${failed ? ":::failed" : ""}`;
}
