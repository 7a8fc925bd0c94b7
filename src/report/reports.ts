import { html } from "./html/index.ts";
import { json } from "./json.ts";

/** Every report, by the name that it is asked for. */
export const REPORTS = { html, json } as const;

export type ReportName = keyof typeof REPORTS;
