import type { TracedFailure, TracedStep } from "../../../../trace/trace.ts";
import { branchName } from "../../../../trace/path-codec.ts";
import { commandFor, patternFor } from "../../../../trace/replay-command.ts";
import { plainText } from "../../../plain-text.ts";
import { button, html } from "../element.ts";
import { type Result, ruleOf } from "../results.ts";
import type { Subject } from "../subject.ts";
import { link } from "./link.ts";
import { stepParts } from "./step.ts";

/** Shows why a branch failed and how to run it alone. */
export function failureParts(
  subject: Subject,
  { failure, path }: Result,
  others: readonly string[],
): readonly HTMLElement[] {
  if (failure === undefined) return [];
  const { kind, message, shrunk, sameAs } = failure;
  const same = subject.results.find(({ name }) => name === sameAs);
  const steps = shrunk ?? path;
  return [
    html(
      "section",
      { class: "failure" },
      html("h3", {}, ruleOf(failure)),
      html("pre", { tabindex: 0, role: "region", "aria-label": "Message" }, plainText(message)),
      kind === "infrastructure" &&
        html("p", { class: "note" }, "This says nothing about the rules of the spec."),
      sameAs !== undefined &&
        html(
          "p",
          {},
          "The same failure as ",
          same === undefined ? sameAs : link(subject, same.item, sameAs),
          ". Its steps are told there.",
        ),
      shrunk !== undefined && html("p", {}, shrunkText(path, shrunk)),
      commandLine(commandOf(subject, failure.replay ?? steps, others)),
    ),
    ...(sameAs === undefined && failure.steps.length > 0
      ? [stepList(subject, steps, failure)]
      : []),
  ];
}

function shrunkText(path: string, shrunk: string): string {
  if (count(path) === count(shrunk)) return "Shrunk to simpler inputs.";
  return `Shrunk from ${count(path)} steps to ${count(shrunk)}.`;
}

function commandOf({ trace }: Subject, path: string, others: readonly string[]): string {
  const { module, name } = trace.exploration;
  return commandFor({
    token: path === "" ? "/" : path,
    module,
    // Other tests may be in the file, which the page does not know.
    pattern: name === "" ? undefined : patternFor(name, others),
  });
}

function commandLine(command: string): HTMLElement {
  const code = html("code", {}, command);
  const copy = button({ class: "copy" }, () => void copyText(), "Copy");
  async function copyText(): Promise<void> {
    try {
      await navigator.clipboard.writeText(command);
      copy.textContent = "Copied";
    } catch {
      // Where a page must not write there, it is ready to be copied by hand.
      getSelection()?.selectAllChildren(code);
    }
  }
  return html("p", { class: "command" }, html("span", {}, "Run only this branch"), code, copy);
}

/** The steps of the path that failed; the one that did so is open. */
function stepList({ trace }: Subject, path: string, failure: TracedFailure): HTMLElement {
  const names = path.split("/").map((number) => trace.actions[Number(number)] ?? number);
  const told = new Map(failure.steps.map((step) => [step.number, step]));
  const failedAt = failure.failedAt ?? names.length;
  return html(
    "section",
    { class: "part" },
    html("h3", {}, "Steps of the failure"),
    html(
      "ol",
      { class: "steps" },
      ...names.map((name, index) =>
        html("li", {}, stepItem(name, told.get(index + 1), index + 1 === failedAt)),
      ),
    ),
  );
}

function stepItem(name: string, step: TracedStep | undefined, isFailed: boolean): HTMLElement {
  const title = [
    html("span", { class: "name" }, name),
    isFailed && html("span", { class: "failed" }, " ✕ failed here"),
  ];
  if (step === undefined) return html("p", {}, ...title);
  const statuses = step.exchanges.map(({ response }) => String(response?.status ?? "no response"));
  return html(
    "details",
    { open: isFailed },
    html("summary", {}, ...title, html("small", {}, ` ${statuses.join(", ")}`)),
    ...stepParts(step),
  );
}

/** The name of the branch that a path is. */
export function nameOfPath({ trace }: Subject, path: string): string {
  const names = path.split("/").map((number) => trace.actions[Number(number)] ?? number);
  return path === "" ? "initial state" : branchName(names);
}

function count(path: string): number {
  return path === "" ? 0 : path.split("/").length;
}
