import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import {
  cleanEnv,
  HOSTS,
  describeMajors,
  openFixture,
  type Major,
} from "../support/run-fixture.ts";
import { type Host, runWorkflow, type Workflow, workflowsOf } from "../support/workflow.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(import.meta.dirname, "../../docs/ci.md"), "utf8");
const [single, sharded] = workflowsOf(PAGE) as [Workflow, Workflow];

test("the workflows are what GitHub would read", () => {
  for (const { name, on, jobs } of [single, sharded]) {
    expect([typeof name, on]).toEqual(["string", ["push"]]);
    for (const job of Object.values(jobs)) {
      expect(job["runs-on"]).toBe("ubuntu-latest");
      for (const step of job.steps) {
        expect([step.uses, step.run].filter((each) => each !== undefined)).toHaveLength(1);
        expect(Object.keys(step)).toEqual(
          Object.keys(step).filter((key) => /^(uses|run|with|if)$/.test(key)),
        );
      }
      expect([undefined, ...Object.keys(jobs)]).toContain(job.needs);
    }
  }
});

describeMajors((major) => {
  test("one machine: the report is kept, and the next run begins with what failed", async () => {
    await using github = openHost("double-refund", major);
    const [first] = await runWorkflow(single, github.host);
    const [second] = await runWorkflow(single, {
      ...github.host,
      env: { ...github.host.env, FIXED: "1" },
    });

    expect(first?.exitCode).toBe(1);
    expect(second?.exitCode).toBe(0);
    expect(second?.output).toContain("Fixed since the last run: create order → refund → refund");
    const junit = readFileSync(join(github.host.store, "artifacts/reports/junit.xml"), "utf8");
    expect(junit).toContain('name="shop &gt; create order → refund → refund"');
  });

  test("several machines: the last job shows the whole, and has one case for each branch", async () => {
    await using github = openHost("shards", major);
    const ran = await runWorkflow(sharded, github.host);

    expect(ran.map(({ job, exitCode }) => [job, exitCode])).toEqual([
      ["test 1", 1],
      ["test 2", 1],
      ["test 3", 0],
      ["report", 1],
    ]);
    expect(ran.at(-1)?.output).toContain("106 states, 390 transitions, all branches to depth 5");
    const junit = readFileSync(join(github.host.store, "artifacts/reports/junit.xml"), "utf8");
    const names = [...junit.matchAll(/<testcase [^>]* name="([^"]*)"/g)].map(([, name]) => name);
    // Branches, the driver, and three tests written by hand.
    expect(names).toHaveLength(390 + 1 + 3);
    expect(new Set(names).size).toBe(names.length);
  });
});

function openHost(fixture: string, major: Major): AsyncDisposable & { readonly host: Host } {
  const store = mkdtempSync(join(tmpdir(), "explore-ci-"));
  const copy = openFixture(fixture, major);
  // Always at the same place, as on GitHub: Vitest 4 knows the files of a blob by their paths.
  const checkout = (): string => {
    for (const entry of readdirSync(copy.folder))
      rmSync(join(copy.folder, entry), { recursive: true });
    cpSync(join(ROOT, "test-fixtures", fixture), copy.folder, { recursive: true });
    return copy.folder;
  };
  const path = `${dirname(process.execPath)}:${process.env["PATH"]}`;
  return {
    host: {
      checkout,
      install: (folder) => install(folder, major),
      store,
      env: { ...cleanEnv(), PATH: path, CI: "true" },
    },
    [Symbol.asyncDispose]: async () => {
      await copy[Symbol.asyncDispose]();
      rmSync(store, { recursive: true, force: true });
    },
  };
}

/** Links what is installed for a major, in a project of its own. */
function install(folder: string, major: Major): void {
  const modules = join(folder, "node_modules");
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(join(modules, ".bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  const vitest = join(HOSTS[major], "node_modules/vitest");
  symlinkSync(vitest, join(modules, "vitest"), "junction");
  symlinkSync(join(vitest, "vitest.mjs"), join(modules, ".bin/vitest"));
  const own = major === "5" ? ROOT : join(HOSTS[major], "node_modules/vitest-explore");
  symlinkSync(own, join(modules, "vitest-explore"), "junction");
}
