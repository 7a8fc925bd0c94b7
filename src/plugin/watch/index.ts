import type { Reporter, Vitest } from "vitest/node";
import { watchFiles } from "./files.ts";

/** What watch mode does with explorations: runs them again where Vitest would not. */
export function watchReporter(vitest: Vitest): Reporter {
  const files = watchFiles(vitest);
  return { onTestModuleCollected: files.collect };
}
