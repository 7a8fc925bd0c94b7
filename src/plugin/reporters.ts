import type { Reporter, Vitest } from "vitest/node";

/** The reporters of a run. Not in Vitest's types; empty where Vitest hides them. */
export function reportersOf(vitest: Vitest): readonly Reporter[] {
  return (vitest as unknown as { readonly reporters?: readonly Reporter[] }).reporters ?? [];
}
