import { html } from "./html/index.ts";
import { json } from "./json.ts";
import { mermaid } from "./mermaid/index.ts";

/** Every report, by the name that it is asked for. */
export const REPORTS = { json, mermaid, html } as const;

export type ReportName = keyof typeof REPORTS;
