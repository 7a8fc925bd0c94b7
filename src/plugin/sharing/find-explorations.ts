import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import type { TestProject, TestSpecification } from "vitest/node";
import { besides } from "../besides.ts";

/** What a call of `test.explore` cannot do without; the package's own name is no sign of one. */
const EXPLORE = /(?<!vitest-)\bexplore\b/;

/**
 * Tells the test files that declare explorations from the others without running them: those that reach
 * `vitest-explore/test` through modules of the project, one of which says `explore`. Follows imports as
 * Vitest's `--changed` does.
 *
 * One that is taken for an exploration by mistake costs time; one that is missed is not shared.
 */
export async function findExplorations(
  files: readonly TestSpecification[],
): Promise<ReadonlySet<TestSpecification>> {
  const found = new Set<TestSpecification>();
  for (const file of files) if (await hasExploration(file)) found.add(file);
  return found;
}

async function hasExploration({ project, moduleId }: TestSpecification): Promise<boolean> {
  const pending = [moduleId];
  let imports = false;
  let says = false;
  for (const id of pending) {
    const { code, imported } = await readModule(project, id);
    says ||= EXPLORE.test(code);
    imports ||= imported.some(({ file }) => OURS.has(file));
    if (imports && says) return true;
    const own = imported.filter(({ file }) => !isForeign(file));
    pending.push(...own.map((each) => each.id).filter((each) => !pending.includes(each)));
  }
  return false;
}

interface Module {
  readonly code: string;
  readonly imported: readonly { readonly id: string; readonly file: string }[];
}

async function readModule({ vite }: TestProject, id: string): Promise<Module> {
  const { ssr } = vite.environments;
  try {
    const { code = "" } = (await ssr.transformRequest(id)) ?? {};
    const modules = [...(ssr.moduleGraph.getModuleById(id)?.importedModules ?? [])];
    const imported = modules.flatMap((each) =>
      each.id === null || each.file === null ? [] : [{ id: each.id, file: each.file }],
    );
    return { code, imported };
  } catch {
    // The run itself will say what is wrong with it.
    return { code: "", imported: [] };
  }
}

/** The package may be linked: Vite knows its modules by either path. */
const FIXTURES = besides(import.meta.url, "../../fixtures/index");
const OURS = new Set([FIXTURES, realpathSync(FIXTURES)]);
const FOLDERS = [...OURS].map((file) => dirname(dirname(file)));

function isForeign(file: string): boolean {
  return file.includes("/node_modules/") || FOLDERS.some((folder) => file.startsWith(folder));
}
