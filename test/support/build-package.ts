import { cpSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "../../scripts/build.ts";

/**
 * Global set-up of the e2e tests: builds the package, which fixtures import by its name, and puts a
 * copy beside Vitest 4. A copy, since a link would resolve `vitest` to this project's own.
 */
export async function setup(): Promise<void> {
  if ((await build()) !== 0) throw new Error("The package does not compile; see above.");
  const root = dirname(dirname(import.meta.dirname));
  const modules = join(root, "test/majors/vitest-4/node_modules");
  if (!existsSync(modules)) return;
  const copy = join(modules, "vitest-explore");
  // In place: somebody else's run may be reading it.
  for (const each of ["package.json", "dist"]) {
    cpSync(join(root, each), join(copy, each), { recursive: true });
  }
}
