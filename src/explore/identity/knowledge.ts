import type { CollectionDiff, Diff, RowChange } from "../../adapters/adapter.ts";
import type { SystemDiff } from "../diffs.ts";
import { isGeneratedKey, isToken } from "./tokens.ts";

/** A value of an identity column, made comparable: `17` and `17n` are one, `"17"` is another. */
export type IdentityKey = number | string;

/** The generated values of one identity column. */
export interface Domain {
  readonly system: string;
  readonly collection: string;
  readonly column: string;
  /** Value → the step in which it was first seen, from 1. */
  readonly made: ReadonlyMap<IdentityKey, number>;
}

/**
 * Which identities were generated on the way to a state, also those whose row is gone since.
 * Immutable: each state of a path has its own, and they share what did not change.
 */
export interface Knowledge {
  readonly domains: ReadonlyMap<string, Domain>;
  /** Tokens and date-times that exist at the root. */
  readonly constants: ReadonlySet<string>;
  /** How many steps added something. */
  readonly steps: number;
}

/** The knowledge of the root state: nothing was generated. */
export const noKnowledge: Knowledge = { domains: new Map(), constants: new Set(), steps: 0 };

/**
 * The knowledge of a root state of which some tokens and date-times are known, e.g. the UUIDs of
 * seeded rows: their shape alone would make them generated values.
 *
 * @param constants - Must not change any more.
 */
export function startKnowledge(constants: ReadonlySet<string>): Knowledge {
  return { ...noKnowledge, constants };
}

/**
 * Adds the identities that a state holds. Call it after every step, with the knowledge of the
 * state before; returns `previous` itself when the step generated none.
 *
 * @param systems - The net differences from the root, as for `canonicalForm`.
 */
export function learn(previous: Knowledge, systems: readonly SystemDiff[]): Knowledge {
  const step = previous.steps + 1;
  let domains: Map<string, Domain> | undefined;
  for (const { name, diff } of systems) {
    const targets = referencedColumns(diff);
    for (const collection of diff) {
      for (const [index, column] of collection.columns.entries()) {
        const every = column.role === "identity";
        if (column.references !== undefined) continue;
        if (!every && !targets.has(domainKey("", collection.collection, column.name))) continue;
        const key = domainKey(name, collection.collection, column.name);
        const known = (domains ?? previous.domains).get(key);
        const made = addedTo(known?.made, valuesMade({ collection, index, every }), step);
        if (made === undefined) continue;
        domains ??= new Map(previous.domains);
        const { collection: of } = collection;
        domains.set(key, { system: name, collection: of, column: column.name, made });
      }
    }
  }
  return domains === undefined ? previous : { ...previous, domains, steps: step };
}

/** Makes a value of an identity column comparable; `undefined` for what cannot identify a row. */
export function identityKey(value: unknown): IdentityKey | undefined {
  if (typeof value === "number" || typeof value === "string") return value;
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : `\0n${value}`;
  }
  return isBytes(value) ? `\0x${hexOf(value)}` : undefined;
}

/** Also true for bytes that come from another realm, as under Vitest's `vmThreads`. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === BYTES;
}

const BYTES = "[object Uint8Array]";

/** Names an identity column across all systems. */
export function domainKey(system: string, collection: string, column: string): string {
  return `${system}\0${collection}\0${column}`;
}

/** Writes bytes as hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

function referencedColumns(diff: Diff): ReadonlySet<string> {
  const targets = new Set<string>();
  for (const { columns } of diff) {
    for (const { references } of columns) {
      if (references === undefined) continue;
      targets.add(domainKey("", references.collection, references.column));
    }
  }
  return targets;
}

interface Source {
  readonly collection: CollectionDiff;
  readonly index: number;
  /** False: only values with the shape of a token, since the column is not known as an identity. */
  readonly every: boolean;
}

function valuesMade({ collection: { changes }, index, every }: Source): readonly IdentityKey[] {
  const values: IdentityKey[] = [];
  let root: Set<IdentityKey> | undefined;
  for (const change of changes) {
    const key = keyMade(change, index);
    if (key === undefined) continue;
    root ??= keysBefore(changes, index);
    if (root.has(key)) continue;
    if (every ? isGenerated(key) : typeof key === "string" && isToken(key)) values.push(key);
  }
  return values;
}

/** Numbers and bytes of a key column are taken for generated, text by its shape. */
function isGenerated(key: IdentityKey): boolean {
  return typeof key === "number" || key.startsWith("\0") || isGeneratedKey(key);
}

function keyMade({ before, after }: RowChange, index: number): IdentityKey | undefined {
  if (after === undefined) return undefined;
  const key = identityKey(after[index]);
  return before !== undefined && identityKey(before[index]) === key ? undefined : key;
}

function keysBefore(changes: readonly RowChange[], index: number): Set<IdentityKey> {
  const keys = new Set<IdentityKey>();
  for (const { before } of changes) {
    const key = before === undefined ? undefined : identityKey(before[index]);
    if (key !== undefined) keys.add(key);
  }
  return keys;
}

function addedTo(
  known: ReadonlyMap<IdentityKey, number> | undefined,
  values: readonly IdentityKey[],
  step: number,
): ReadonlyMap<IdentityKey, number> | undefined {
  let made: Map<IdentityKey, number> | undefined;
  for (const value of values) {
    if ((made ?? known)?.has(value) === true) continue;
    made ??= new Map(known);
    made.set(value, step);
  }
  return made;
}
