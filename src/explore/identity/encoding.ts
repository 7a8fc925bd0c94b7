import type { GeneratedValues } from "./generated.ts";
import { identitySlot } from "./generated.ts";
import type { Domain } from "./knowledge.ts";
import { hexOf, identityKey, isBytes } from "./knowledge.ts";
import type { Draft, Term } from "./term.ts";
import { addSlot, finishDraft, startDraft } from "./term.ts";
import type { TimeSlot } from "./times.ts";

/** One world on its way to terms. */
export interface Encoding {
  readonly values: GeneratedValues;
  readonly times: TimeSlot[];
  /** Members of unordered bags whose order depends on generated values; each names its bag. */
  readonly members: Term[];
  /** The containers that are open, to find cycles. */
  readonly open: Set<object>;
  draft: Draft;
  /** The order of creation of what is encoded now; decides between equal times. */
  order: number;
  /** What is encoded now is no row, so the order of creation is the order within an array. */
  inContext: boolean;
}

/** Where a value stands, and what that says about it. */
export interface Place {
  /** `context.items[2].id`, `db.orders.note`. */
  readonly path: string;
  readonly key: string;
  /** The identity columns that a value here may come from. */
  readonly owners: readonly Domain[];
  /** A number here may be an epoch. */
  readonly time: boolean;
  /** Inside of JSON text, where the order of keys is part of the value. */
  readonly ordered: boolean;
}

export function startEncoding(values: GeneratedValues): Encoding {
  return {
    values,
    times: [],
    members: [],
    open: new Set(),
    draft: startDraft(),
    order: 0,
    inContext: false,
  };
}

/** Runs `encode` on a draft of its own. */
export function termOf(encoding: Encoding, encode: () => void): Term {
  const outer = encoding.draft;
  const draft = startDraft();
  encoding.draft = draft;
  encode();
  encoding.draft = outer;
  return finishDraft(draft);
}

export function write(encoding: Encoding, text: string): void {
  encoding.draft.text += text;
}

/** Writes a value of which nothing is generated. Each type has its own first character. */
export function literal(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (value === undefined) return "-";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "object" || value === null) return "null";
  if (value instanceof Date) return `D${value.getTime()}`;
  if (isBytes(value)) return `x${hexOf(value)}`;
  if (Array.isArray(value)) return `[${value.map(literal).join()}]`;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const texts = entries.map(([key, inner]) => `${JSON.stringify(key)}:${literal(inner)}`);
  return `{${texts.toSorted().join()}}`;
}

/** Writes the number of an identity; false when the column never generated the value. */
export function encodeIdentity(encoding: Encoding, value: unknown, domain: Domain): boolean {
  const key = identityKey(value);
  const slot = key === undefined ? undefined : identitySlot(encoding.values, domain, key);
  if (slot === undefined) return false;
  write(encoding, tagOf(value));
  addSlot(encoding.draft, slot);
  return true;
}

/** Writes a value by the identity columns that its place names; false when none generated it. */
export function encodeOwned(encoding: Encoding, value: unknown, { owners }: Place): boolean {
  const key = owners.length === 0 ? undefined : identityKey(value);
  if (key === undefined) return false;
  // Clients send a number as text: `"17"` is identity 17, unless an identity is spelt `"17"`.
  const other = typeof key === "string" && DIGITS.test(key) ? Number(key) : key;
  const found: [string, number][] = [];
  for (const domain of namesOf(owners)) {
    const slot =
      identitySlot(encoding.values, domain.owner, key) ??
      identitySlot(encoding.values, domain.owner, other);
    if (slot !== undefined) found.push([domain.name, slot]);
  }
  // A token is one value wherever it stands, so its place says nothing about it.
  if (found.length === 0 || encoding.values.tokens.has(String(key))) return false;
  write(encoding, `${tagOf(value)}(`);
  for (const [name, slot] of found) {
    write(encoding, name);
    addSlot(encoding.draft, slot);
  }
  write(encoding, ")");
  return true;
}

/** Domains with their quoted names, by name: their order depends on the path that led here. */
export function namesOf(
  owners: readonly Domain[],
): readonly { readonly name: string; readonly owner: Domain }[] {
  const named = owners.map((owner) => ({
    name: JSON.stringify([owner.system, owner.collection, owner.column]),
    owner,
  }));
  return named.length < 2 ? named : named.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export function encodeTime(encoding: Encoding, atUs: number, { path }: Place): void {
  write(encoding, "t");
  const scope = path.replaceAll(/\[\d+\]/g, "[]");
  const count = encoding.times.push({ scope, atUs, order: encoding.order });
  addSlot(encoding.draft, -count);
}

const DIGITS = /^(?:0|[1-9]\d{0,14})$/;

function tagOf(value: unknown): string {
  if (typeof value === "number") return "n";
  if (typeof value === "bigint") return "b";
  return typeof value === "string" ? "s" : "x";
}
