import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  type Reporter,
  ReportersMap,
  type RunnerTestFile,
  type TestModule,
  type Vitest,
  experimental_getRunnerTask as taskOf,
} from "vitest/node";
import { branchId, TRACE_ARTIFACT } from "../bridge.ts";
import type { Report } from "../report/report.ts";
import { REPORTS, type ReportName } from "../report/reports.ts";
import { packTraces, unpackTraces } from "./pack-traces.ts";
import { reportersOf } from "./reporters.ts";
import { createTraceStore, type KeptTrace } from "./trace-store.ts";
import { writeWhole } from "./write-file.ts";

/** The reports that each project wants, by its name. */
export type WantedReports = ReadonlyMap<string, ReadonlySet<ReportName>>;

/**
 * Takes the traces that workers send, and writes the reports that are made of them into
 * `.vitest/explore`: those of one exploration at once, those of a run at its end.
 */
export function createReportWriter(vitest: Vitest, wanted: WantedReports): Reporter {
  const { root } = vitest.config;
  const folder = join(root, ".vitest", "explore");
  const store = createTraceStore();
  const wants = (project: string, name: ReportName): boolean =>
    wanted.get(project)?.has(name) === true;

  function take(project: string, json: string): void {
    const entry = store.keep(project, json);
    for (const [name, report] of reportEntries()) {
      if (report.of !== "exploration" || !wants(project, name)) continue;
      writeWhole(join(folder, fileName(entry) + report.extension), report.text(entry.trace));
    }
  }

  async function writeRun(): Promise<void> {
    // Vitest's own reporters say where their files are when the summary has been printed.
    await Promise.resolve();
    for (const [name, report] of reportEntries()) {
      if (report.of !== "run") continue;
      const kept = store.all().filter(({ project }) => wants(project, name));
      if (kept.length === 0) continue;
      const traces = kept.map(({ trace }) => trace);
      const path = join(folder, report.file);
      writeWhole(path, report.text(traces, { project: basename(root), part: readPart }));
      vitest.logger.log(`Report of explorations written to ${path}`);
    }
  }

  return {
    onTestCaseArtifactRecord: (driver, artifact) => {
      if (artifact.type !== TRACE_ARTIFACT) return;
      const { artifacts } = taskOf(driver);
      // Transport only; left in place it would be in every blob and HTML report.
      artifacts.splice(artifacts.indexOf(artifact), 1);
      const json = artifact.trace;
      artifact.trace = "";
      take(driver.project.name, json);
    },
    // Synchronous until the tree is as the others shall find it.
    onTestRunEnd: (modules) => {
      for (const file of modules.map(fileOf)) {
        unpackTraces(file, (json) => take(file.projectName ?? "", json));
      }
      store.prune(vitest.state.getFiles());
      if (reportersOf(vitest).some(isBlob)) {
        for (const file of modules.map(fileOf)) packTraces(file, (name) => store.find(file, name));
      }
      return writeRun();
    },
  };
}

function reportEntries(): readonly (readonly [ReportName, Report])[] {
  return Object.entries(REPORTS) as [ReportName, Report][];
}

function fileOf(module: TestModule): RunnerTestFile {
  return taskOf(module);
}

function isBlob(reporter: Reporter): boolean {
  return reporter instanceof ReportersMap.blob;
}

/** Readable, and different for different explorations. */
function fileName({ project, trace }: KeptTrace): string {
  const { module, name } = trace.exploration;
  const words = [project, module, name].filter((word) => word !== "").join(" ");
  const readable = words.replaceAll(/[^\p{L}\p{N}.]+/gu, "-").slice(0, 100);
  return `${readable}.${branchId(project, JSON.stringify([module, name])).split("_x")[1]}`;
}

function readPart(name: string): string {
  return readFileSync(new URL(`../report/html/parts/${name}`, import.meta.url), "utf8");
}
