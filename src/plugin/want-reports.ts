import type { TestProject, Vitest } from "vitest/node";
import type { ReportName } from "../report/reports.ts";
import { createReportWriter } from "./report-writer.ts";

// By configuration: when that changes, Vitest makes its reporters anew.
const wanted = new WeakMap<Vitest["config"], Map<string, ReadonlySet<ReportName>>>();

/** Has the reports written that a project wants; all projects share one writer. */
export function wantReports({ vitest, name }: TestProject, reports: ReadonlySet<ReportName>): void {
  if (reports.size === 0) return;
  let projects = wanted.get(vitest.config);
  if (projects === undefined) {
    projects = new Map();
    wanted.set(vitest.config, projects);
    vitest.config.reporters.unshift(createReportWriter(vitest, projects));
  }
  projects.set(name, reports);
}
