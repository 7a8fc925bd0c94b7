import type { CollectionDiff, Column, Row, Value } from "../../adapters/adapter.ts";
import { MASK } from "../../trace/secrets.ts";
import type { TracedChange, TracedDiff } from "../../trace/trace.ts";
import { encodeTraced, type TracedValue } from "../../trace/value-codec.ts";
import type { SystemDiff } from "../diffs.ts";
import { readJsonText } from "../identity/nested-text.ts";
import type { Telling } from "./recording.ts";
import { keyColumns, stepDiff } from "./step-diff.ts";
import { tellData } from "./tell-data.ts";

/** Rows of one collection; more are counted. */
const MOST_ROWS = 50;
/** Characters of one value. */
const MOST_TEXT = 1000;

/**
 * Tells what a step changed in each system.
 *
 * @param before - The net differences from the root before the step; `after` those after it.
 */
export function tellChanges(
  before: readonly SystemDiff[],
  after: readonly SystemDiff[],
  telling: Telling,
): readonly TracedDiff[] {
  return after.flatMap(({ name, diff }) => {
    const was = before.find((system) => system.name === name);
    return stepDiff(was?.diff ?? [], diff).map((each) => tellCollection(name, each, telling));
  });
}

function tellCollection(
  system: string,
  { collection, columns, changes }: CollectionDiff,
  telling: Telling,
): TracedDiff {
  const omitted = changes.length - MOST_ROWS;
  const tellRow = (row: Row): readonly TracedValue[] =>
    columns.map((column, index) => tellValue(row[index] ?? null, column, telling));
  return {
    system,
    collection,
    columns: columns.map(({ name }) => name),
    key: keyColumns(columns),
    changes: changes.slice(0, MOST_ROWS).map(({ before, after }): TracedChange => ({
      ...(before && { before: tellRow(before) }),
      ...(after && { after: tellRow(after) }),
    })),
    ...(omitted > 0 && { omitted }),
  };
}

function tellValue(value: Value, { name, role, secret }: Column, telling: Telling): TracedValue {
  if (secret === true && typeof value === "string" && value !== "") {
    return telling.secrets.mask(value);
  }
  if (typeof value === "string") return tellTextValue(value, name, telling);
  if (role === "time" && value !== null && typeof value !== "boolean") {
    const key = "at";
    return encodeTraced(tellData(value, key, telling) as Value);
  }
  return encodeTraced(tellData(value, name, telling) as Value);
}

/** JSON in a text column is taken apart, since it may hold secrets by key. */
function tellTextValue(text: string, name: string, telling: Telling): string {
  const json = telling.secrets.isSecret(name) ? undefined : readJsonText(text);
  const told =
    json === undefined
      ? tellData(text, name, telling)
      : JSON.stringify(tellData(json.value, name, telling));
  const shown = typeof told === "string" ? told : MASK;
  return shown.length > MOST_TEXT ? `${shown.slice(0, MOST_TEXT)}…` : shown;
}
