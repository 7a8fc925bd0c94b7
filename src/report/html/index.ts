import type { RunReport } from "../report.ts";
import { htmlPage } from "./page.ts";

/** A page to look at the explorations of a run, without any network. */
export const html: RunReport = {
  of: "run",
  file: "report.html",
  text: (traces, { project, part }) =>
    htmlPage({
      title: `${project} – explorations`,
      traces,
      script: part("client.js"),
      style: part("style.css"),
      dagre: part("dagre.js"),
    }),
};
