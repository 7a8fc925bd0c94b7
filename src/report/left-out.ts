import { plural } from "./plural.ts";

/** Why an exploration was left out in watch mode, and how to have it run all the same. */
export function leftOutText(branches: number): string {
  const passed = plural(branches, "branch", "branches");
  return `not run: unchanged since it passed (${passed}); press a to run all`;
}
