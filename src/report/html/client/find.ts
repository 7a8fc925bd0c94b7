import { ruleOf, type Result } from "./results.ts";

/** What somebody looks for. */
export interface Question {
  /** Words that the name must contain, without regard to case. */
  readonly text: string;
  /** `all`, `passed`, `failed`, or `rule:` and a rule. */
  readonly outcome: string;
}

/** Finds results by action and outcome, failed ones first. */
export function find(results: readonly Result[], { text, outcome }: Question): readonly Result[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const found = results.filter(
    (result) => hasOutcome(result, outcome) && hasWords(result.name, words),
  );
  return [...found.filter(isFailed), ...found.filter((result) => !isFailed(result))];
}

/** The rules that were broken, in the order found. */
export function rulesOf(results: readonly Result[]): readonly string[] {
  return [...new Set(results.flatMap(({ failure }) => (failure ? [ruleOf(failure)] : [])))];
}

function isFailed({ outcome }: Result): boolean {
  return outcome === "failed";
}

function hasOutcome({ outcome, failure }: Result, wanted: string): boolean {
  if (wanted === "all") return true;
  if (!wanted.startsWith("rule:")) return outcome === wanted;
  return failure !== undefined && `rule:${ruleOf(failure)}` === wanted;
}

function hasWords(name: string, words: readonly string[]): boolean {
  const text = name.toLowerCase();
  return words.every((word) => text.includes(word));
}
