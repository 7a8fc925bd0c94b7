import type { CollectionDiff, Column, RowChange, Value } from "../../adapters/adapter.ts";
import { encodeValue } from "./encode-value.ts";
import type { Encoding, Place } from "./encoding.ts";
import { encodeIdentity, literal, termOf, write } from "./encoding.ts";
import { ownersByColumn } from "./generated.ts";
import type { Domain, Knowledge } from "./knowledge.ts";
import type { SystemDiff } from "../diffs.ts";
import { domainKey } from "./knowledge.ts";
import { factsOf } from "./names.ts";
import type { Term } from "./term.ts";

/** The rows of one collection, as terms. */
export interface Group {
  /** Names system, collection and columns. */
  readonly header: string;
  readonly terms: readonly Term[];
}

/** How the cells of one column are written. */
interface ColumnPlan {
  /**
   * `identity`, `reference`: generated if `domain` made the value, else a constant.
   * `other`: the value's own shape and the place tell.
   */
  readonly kind: "identity" | "reference" | "other";
  readonly domain: Domain | undefined;
  readonly place: Place;
}

/** Writes the changed rows of all systems, collections in the order of their headers. */
export function encodeSystems(
  encoding: Encoding,
  systems: readonly SystemDiff[],
  knowledge: Knowledge,
): readonly Group[] {
  const groups: Group[] = [];
  for (const system of systems) {
    for (const collection of system.diff) {
      const names = collection.columns.map(({ name }) => name);
      const header = JSON.stringify([system.name, collection.collection, ...names]);
      const plans = planColumns(encoding, { system, collection, knowledge });
      const terms = collection.changes.map((change) => encodeChange(encoding, change, plans));
      groups.push({ header, terms });
    }
  }
  return groups.length < 2 ? groups : groups.toSorted((a, b) => (a.header < b.header ? -1 : 1));
}

interface Planned {
  readonly system: SystemDiff;
  readonly collection: CollectionDiff;
  readonly knowledge: Knowledge;
}

function planColumns(encoding: Encoding, planned: Planned): readonly ColumnPlan[] {
  const { system, collection, knowledge } = planned;
  return collection.columns.map((column) => {
    const { time } = factsOf(column.name);
    const isReference = column.references !== undefined;
    const known = knowledge.domains.get(originOf(system, collection.collection, column));
    const kind = isReference ? "reference" : (column.role ?? "other");
    const place: Place = {
      path: `${system.name}.${collection.collection}.${column.name}`,
      key: column.name,
      owners: kind === "other" ? ownersByColumn(encoding.values, system.name, column.name) : [],
      time: time || kind === "time",
      ordered: false,
    };
    return { kind: kind === "time" ? "other" : kind, domain: known, place };
  });
}

/** Follows references to the column that makes the values: a key may be a reference itself. */
function originOf(system: SystemDiff, collection: string, column: Column): string {
  let at = { collection, column: column.name };
  let next = column.references;
  for (let hops = 0; next !== undefined && hops < MAX_HOPS; hops += 1) {
    at = next;
    const found = system.diff.find((other) => other.collection === at.collection);
    next = found?.columns.find(({ name }) => name === at.column)?.references;
  }
  return domainKey(system.name, at.collection, at.column);
}

/** References may form a cycle. */
const MAX_HOPS = 8;

function encodeChange(
  encoding: Encoding,
  { before, after }: RowChange,
  plans: readonly ColumnPlan[],
): Term {
  return termOf(encoding, () => {
    if (before !== undefined) write(encoding, `-[${before.map(literal).join()}]`);
    if (after === undefined) return;
    encoding.order = creationOrder(after, plans);
    write(encoding, "+[");
    for (const [index, plan] of plans.entries()) {
      const value = after[index];
      const same = before !== undefined && literal(before[index]) === literal(value);
      // A value of the root: it stands in `before` already.
      if (same) write(encoding, "=");
      else encodeCell(encoding, value, plan);
      write(encoding, ",");
    }
    write(encoding, "]");
  });
}

function encodeCell(encoding: Encoding, value: Value | undefined, plan: ColumnPlan): void {
  if (plan.domain !== undefined && encodeIdentity(encoding, value, plan.domain)) return;
  if (plan.kind === "reference") write(encoding, literal(value));
  else encodeValue(encoding, value, plan.place);
}

/** Numbers grow from row to row; other identities are as old as the step that first saw them. */
function creationOrder(row: readonly Value[], plans: readonly ColumnPlan[]): number {
  const index = plans.findIndex(({ kind }) => kind === "identity");
  const value = row[index];
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  return typeof value === "string" ? (plans[index]?.domain?.made.get(value) ?? 0) : 0;
}
