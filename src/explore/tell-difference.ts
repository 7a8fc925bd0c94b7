import type { Diff, Row, RowChange } from "../adapters/adapter.ts";

/** More rows than that make nobody wiser. */
const MOST_ROWS = 3;
const MOST_CHARACTERS = 300;

/**
 * Tells in one line each what two net differences from the initial state do not share.
 *
 * @param expected - A `Diff` as JSON.
 */
export function tellDifference(expected: string, actual: string): readonly [string, string] {
  const [before, after] = [linesOf(expected), linesOf(actual)];
  return [tellOnly(before, after), tellOnly(after, before)];
}

function tellOnly(these: ReadonlySet<string>, those: ReadonlySet<string>): string {
  const only = [...these].filter((line) => !those.has(line));
  if (only.length === 0) return "nothing of this";
  const told = only.slice(0, MOST_ROWS).join("; ");
  const rest = only.length > MOST_ROWS ? `; and ${only.length - MOST_ROWS} more rows` : "";
  return (told.length > MOST_CHARACTERS ? `${told.slice(0, MOST_CHARACTERS)}…` : told) + rest;
}

function linesOf(text: string): ReadonlySet<string> {
  const diff = (text === "" ? [] : JSON.parse(text)) as Diff;
  return new Set(
    diff.flatMap(({ collection, columns, changes }) => {
      const names = columns.map(({ name }) => name);
      return changes.map((change) => `${collection} ${tellChange(change, names)}`);
    }),
  );
}

function tellChange({ before, after }: RowChange, names: readonly string[]): string {
  if (after === undefined) return `without ${tellRow(before, names)}`;
  return `${before === undefined ? "with" : "with the changed"} ${tellRow(after, names)}`;
}

function tellRow(row: Row = [], names: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(names.map((name, index) => [name, row[index]])));
}
