import { html } from "../element.ts";
import { wayAlong } from "../graph.ts";
import type { Result } from "../results.ts";
import type { Subject } from "../subject.ts";
import { failureParts } from "./failure.ts";
import { facts, heading } from "./heading.ts";
import { outcomeMark, stateLink } from "./link.ts";
import { stepParts } from "./step.ts";
import { wayPart } from "./way.ts";

/** Shows a transition: what came of it, its requests, what it changed. */
export function transitionDetails(
  subject: Subject,
  index: number,
  others: readonly string[],
): readonly HTMLElement[] {
  const { trace, resultOf } = subject;
  const transition = trace.transitions[index];
  const result = resultOf(index);
  if (transition === undefined || result === undefined) return [];
  const { action, from, to, durationMs, step } = transition;
  const isTold = result.failure !== undefined && result.failure.sameAs === undefined;
  return [
    heading(trace.actions[action] ?? `action ${action}`),
    facts([
      ["Outcome", outcomeText(result)],
      ["From", stateLink(subject, from)],
      ["To", to === undefined ? "nowhere: it failed on the way" : stateLink(subject, to)],
      ["Branch", result.name],
      ["Path", html("code", {}, result.path)],
      ["Took", `${durationMs.toFixed(durationMs < 10 ? 1 : 0)} ms`],
    ]),
    ...failureParts(subject, result, others),
    // The steps of a failure end with this one.
    ...(isTold && (result.failure?.steps.length ?? 0) > 0
      ? []
      : step
        ? stepParts(step)
        : [unknown()]),
  ];
}

/** Shows a branch that is no transition: the initial state, or a sequence of its own. */
export function branchDetails(
  subject: Subject,
  result: Result,
  others: readonly string[],
): readonly HTMLElement[] {
  const way = wayAlong(subject.graph, result.path);
  return [
    heading(result.name),
    facts([
      ["Outcome", outcomeText(result)],
      ["Path", html("code", {}, result.path === "" ? "/" : result.path)],
    ]),
    ...failureParts(subject, result, others),
    ...(way.length > 0 ? [wayPart(subject, "The steps, as the search has run them", way)] : []),
  ];
}

function outcomeText({ outcome }: Result): HTMLElement {
  return html("span", { class: outcome }, outcomeMark(outcome), ` ${outcome}`);
}

function unknown(): HTMLElement {
  return html("p", { class: "note" }, "What happened in this step was not recorded.");
}
