import type { TracedFailure, TracedSummary } from "../../../../trace/trace.ts";
import { plural } from "../../../plural.ts";
import { type Child, html } from "../element.ts";
import { wayAlong } from "../graph.ts";
import { ruleOf } from "../results.ts";
import type { Subject } from "../subject.ts";
import { nameOfPath } from "./failure.ts";
import { facts, heading } from "./heading.ts";
import { link, outcomeMark, stateLink } from "./link.ts";

/** Failures that are listed; more are found by the search. */
const MOST_LISTED = 30;

/** Shows an exploration as a whole: how it ended, and what failed. */
export function overviewDetails(subject: Subject): readonly HTMLElement[] {
  const { trace } = subject;
  const { exploration, settings, states, transitions, summary } = trace;
  const shown: readonly (readonly [string, Child])[] = [
    ["File", html("code", {}, exploration.module)],
    ["Found", `${plural(states.length, "state")}, ${plural(transitions.length, "transition")}`],
    ["Explored", endText(summary, settings.depth)],
    ["Search", `${settings.strategy}, to depth ${settings.depth}, seed ${settings.seed}`],
    ...(summary.neverEnabled.length > 0
      ? [["Never enabled", summary.neverEnabled.join(", ")] as const]
      : []),
  ];
  return [
    heading(exploration.name || exploration.module),
    facts(shown),
    failuresPart(subject),
    ...rulesPart(subject),
  ];
}

function endText({ complete, endedBy, unexplored }: TracedSummary, depth: number): string {
  if (complete) return `all branches to depth ${depth}`;
  const rest = `${plural(unexplored, "known branch", "known branches")} not run`;
  return endedBy === undefined ? rest : `ended by ${endedBy}, ${rest}`;
}

function failuresPart(subject: Subject): HTMLElement {
  const { failures } = subject;
  const rest = failures.length - MOST_LISTED;
  const items = failures
    .slice(0, MOST_LISTED)
    .map(({ item, name, failure }) =>
      html(
        "li",
        {},
        outcomeMark("failed"),
        " ",
        link(subject, item, name),
        failure && html("div", { class: "rule" }, whyText(failure)),
      ),
    );
  return html(
    "section",
    { class: "part" },
    html("h3", {}, failures.length === 0 ? "Failures" : `Failures: ${failures.length}`),
    failures.length === 0 && html("p", { class: "note" }, "No branch failed."),
    html("ul", { class: "transitions" }, ...items),
    rest > 0 && html("p", { class: "note" }, `and ${rest} more: choose the outcome “failed”`),
  );
}

function whyText(failure: TracedFailure): string {
  return failure.sameAs === undefined ? ruleOf(failure) : `as ${failure.sameAs}`;
}

function rulesPart(subject: Subject): readonly HTMLElement[] {
  const { trace } = subject;
  if (trace.invariants.length === 0) return [];
  const items = trace.invariants.map(({ name, expectation }) =>
    html(
      "li",
      {},
      html("span", { class: "expectation" }, expectation),
      ` ${name}`,
      expectation === "sometimes" && html("div", { class: "rule" }, ...witnessText(subject, name)),
    ),
  );
  return [html("section", { class: "part" }, html("h3", {}, "Rules"), html("ul", {}, ...items))];
}

function witnessText(subject: Subject, name: string): readonly Child[] {
  const { trace, graph } = subject;
  const witness = trace.witnesses.find(({ invariant }) => invariant === name);
  if (witness === undefined) return ["held in no state that was reached"];
  const index = wayAlong(graph, witness.path).at(-1);
  const place =
    index === undefined
      ? stateLink(subject, 0)
      : link(subject, { kind: "transition", index }, nameOfPath(subject, witness.path));
  return ["held first after ", place];
}
