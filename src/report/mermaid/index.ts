import type { Trace } from "../../trace/trace.ts";
import { plural } from "../plural.ts";
import type { ExplorationReport } from "../report.ts";
import { markdownText } from "./escape.ts";
import { flowchart } from "./flowchart.ts";

/** More are not listed below the drawing. */
const maxFailures = 20;

/** The graph of states as a Markdown page, which GitHub and GitLab draw. */
export const mermaid: ExplorationReport = {
  of: "exploration",
  extension: ".md",
  text: markdownPage,
};

function markdownPage(trace: Trace): string {
  const { exploration, states, transitions, summary, branches } = trace;
  const { text, arrows, omitted } = flowchart(trace);
  const failed = branches.filter(({ status }) => status === "failed");
  const counts = [plural(states.length, "state"), plural(transitions.length, "transition")];
  const lines = [
    `# ${markdownText(exploration.name)}`,
    "",
    `${markdownText(exploration.module)}: ${counts.join(", ")}, outcome: ${summary.outcome}.`,
    "",
    ...(omitted > 0 ? [cutSentence(arrows, omitted), ""] : []),
    "```mermaid",
    text,
    "```",
    "",
    ...(failed.length > 0 ? ["Failing paths:", ""] : []),
    ...failed.slice(0, maxFailures).map(({ name, path, failure }) => {
      const what = markdownText(failure?.message.split("\n")[0] ?? "");
      return `- ${markdownText(name)} (\`${path === "" ? "/" : path}\`): ${what}`;
    }),
    ...(failed.length > maxFailures ? [`- and ${failed.length - maxFailures} more`] : []),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function cutSentence(arrows: number, omitted: number): string {
  return (
    `Mermaid draws no more: this is ${arrows} of ${arrows + omitted} arrows, those of failing paths first. ` +
    "The reports `html` and `json` have all of them."
  );
}
