import type { TracedChange, TracedDiff } from "../trace/trace.ts";
import { decodeTraced, type TracedValue } from "../trace/value-codec.ts";

/** Characters of a value. */
const MOST_CHARACTERS = 60;

/** Tells of a row, e.g. `+ id 1, amount 100`, `~ id 1: refunded 0 → 100`, `- id 1, amount 100`. */
export function changeLine(diff: TracedDiff, { before, after }: TracedChange): string {
  if (before === undefined) return `+ ${rowText(diff, after ?? [])}`;
  if (after === undefined) return `- ${rowText(diff, before)}`;
  const { columns, key } = diff;
  const changed = columns.flatMap((column, index) => {
    const [was, is] = [valueText(before[index]), valueText(after[index])];
    // By JSON, since the shown text is cut.
    const same = JSON.stringify(before[index]) === JSON.stringify(after[index]);
    return same ? [] : [`${column} ${was} → ${is}`];
  });
  const keyText = key.map((index) => `${columns[index]} ${valueText(before[index])}`);
  // Only what is named the same way before and after has changed, such as a time.
  const told = changed.length === 0 ? "a value that differs from run to run" : changed.join(", ");
  return `~ ${keyText.join(", ")}: ${told}`;
}

/** A row, without the columns that hold nothing. */
function rowText({ columns }: TracedDiff, row: readonly TracedValue[]): string {
  return columns
    .flatMap((column, index) => {
      const value = row[index] ?? null;
      return value === null ? [] : [`${column} ${valueText(value)}`];
    })
    .join(", ");
}

function valueText(value: TracedValue | undefined): string {
  const text = lineOf(value ?? null);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

/** A value in one line. */
export function lineOf(value: TracedValue): string {
  const text = textOf(value);
  if (text !== undefined) return text;
  const plain = decodeTraced(value);
  if (typeof plain === "bigint" || typeof plain === "number") return String(plain);
  if (ArrayBuffer.isView(plain)) return `<${plain.byteLength} bytes>`;
  return JSON.stringify(value);
}

/** What was told as a text, since JSON has no word for it. */
function textOf(value: TracedValue): string | undefined {
  const { $text } = Object(value) as { readonly $text?: unknown };
  return typeof $text === "string" ? $text : undefined;
}
