import type { Diff, RowChange } from "../../adapters/adapter.ts";
import type { Domain, IdentityKey, Knowledge } from "./knowledge.ts";
import type { SystemDiff } from "../diffs.ts";
import { domainKey } from "./knowledge.ts";
import { addConstants } from "./seeds.ts";
import { factsOf, formsOf, isGeneric, readingsOf, wordsOf } from "./names.ts";
import { isToken } from "./tokens.ts";

/** Texts that are no generated values. */
export type Constants = Pick<ReadonlySet<string>, "has">;

/**
 * The generated values of one world, numbered as they are met. Only values that the world mentions
 * get a number, so unused knowledge leaves no trace.
 */
export interface GeneratedValues {
  readonly domains: readonly Domain[];
  /** Which domains a name may mean: a spelling → the domains of collections called so. */
  readonly byForm: ReadonlyMap<string, readonly Domain[]>;
  /** Tokens and date-times that exist at the root. */
  readonly constants: Constants;
  readonly tokens: Map<string, number>;
  readonly identities: Map<Domain, Map<IdentityKey, number>>;
  /** For each number: the order of creation, as far as it is known. Decides hopeless ties only. */
  readonly creation: number[];
}

/** @param knowledge - Has learned `systems` already. */
export function startValues(systems: readonly SystemDiff[], knowledge: Knowledge): GeneratedValues {
  const domains = [...knowledge.domains.values()];
  return {
    domains,
    byForm: indexByForm(domains),
    constants: constantsOf(systems, knowledge.constants),
    tokens: new Map(),
    identities: new Map(),
    creation: [],
  };
}

/** The number of a token; `undefined` when it exists at the root. */
export function tokenSlot(values: GeneratedValues, text: string): number | undefined {
  const known = values.tokens.get(text);
  if (known !== undefined) return known;
  if (values.constants.has(text)) return undefined;
  const slot = addSlotFor(values, Infinity);
  values.tokens.set(text, slot);
  return slot;
}

/** The number of an identity; `undefined` when the column never generated it. */
export function identitySlot(
  values: GeneratedValues,
  domain: Domain,
  key: IdentityKey,
): number | undefined {
  const step = domain.made.get(key);
  if (step === undefined) return undefined;
  if (typeof key === "string" && (values.tokens.has(key) || isToken(key))) {
    const slot = tokenSlot(values, key);
    if (slot !== undefined) values.creation[slot] = Math.min(step, values.creation[slot] ?? step);
    return slot;
  }
  let slots = values.identities.get(domain);
  if (slots === undefined) values.identities.set(domain, (slots = new Map()));
  let slot = slots.get(key);
  if (slot === undefined) {
    slot = addSlotFor(values, typeof key === "number" ? key : step);
    slots.set(key, slot);
  }
  return slot;
}

/** The part of the knowledge that the world has mentioned; the same object when that is all. */
export function mentionedOf(values: GeneratedValues, known: Knowledge): Knowledge {
  let domains: Map<string, Domain> | undefined;
  for (const [name, domain] of known.domains) {
    const slots = values.identities.get(domain);
    const kept = [...domain.made].filter(
      ([key]) => slots?.has(key) === true || (typeof key === "string" && values.tokens.has(key)),
    );
    if (kept.length === domain.made.size) continue;
    domains ??= new Map(known.domains);
    if (kept.length === 0) domains.delete(name);
    else domains.set(name, { ...domain, made: new Map(kept) });
  }
  return domains === undefined ? known : { ...known, domains };
}

/** A number for something that has no value of its own, such as an unordered bag. */
export function blankSlot(values: GeneratedValues): number {
  return addSlotFor(values, Infinity);
}

/** The domains that a column without a declared reference points to, by its name. */
export function ownersByColumn(
  values: GeneratedValues,
  system: string,
  name: string,
): readonly Domain[] {
  const { stem } = factsOf(name);
  if (stem === undefined || stem.length === 0 || values.domains.length === 0) return [];
  const found = domainsCalled(values, stem.join(""));
  const near = found.filter((domain) => domain.system === system);
  return near.length > 0 ? near : found;
}

/**
 * The domains that a key in plain data means: those of the collection that it names (`orderId`,
 * `refundedOrderId`, `id` inside of `order`), all when it names none (`id`, `lastId`), none when it
 * names something else (`planId` while nothing called plan was ever generated).
 */
export function ownersByKey(
  values: GeneratedValues,
  key: string,
  parent: string,
): readonly Domain[] {
  if (values.domains.length === 0) return [];
  const { stem } = factsOf(key);
  if (stem === undefined) return [];
  const words = stem.length === 0 ? wordsOf(parent) : stem;
  for (const reading of readingsOf(words)) {
    const found = domainsCalled(values, reading);
    if (found.length > 0) return found;
  }
  return isGeneric(words) ? values.domains : [];
}

/** The domains of collections that may be called so, where one column alone identifies the rows. */
export function domainsCalled(values: GeneratedValues, name: string): readonly Domain[] {
  const found = new Set<Domain>();
  for (const form of formsOf(name)) {
    for (const domain of values.byForm.get(form) ?? []) found.add(domain);
  }
  return found.size === 0 ? [] : [...found];
}

function addSlotFor(values: GeneratedValues, creation: number): number {
  return values.creation.push(creation) - 1;
}

function indexByForm(domains: readonly Domain[]): ReadonlyMap<string, readonly Domain[]> {
  const columns = new Map<string, number>();
  for (const { system, collection } of domains) {
    const key = domainKey(system, collection, "");
    columns.set(key, (columns.get(key) ?? 0) + 1);
  }
  const index = new Map<string, Domain[]>();
  for (const domain of domains) {
    if (columns.get(domainKey(domain.system, domain.collection, "")) !== 1) continue;
    for (const form of formsOf(domain.collection)) {
      const found = index.get(form);
      if (found === undefined) index.set(form, [domain]);
      else found.push(domain);
    }
  }
  return index;
}

/** What the changed rows held before, and what else is known to have been there at the root. */
function constantsOf(systems: readonly SystemDiff[], known: ReadonlySet<string>): Constants {
  const found = new Set<string>();
  for (const { before } of systems.flatMap(({ diff }) => changesOf(diff))) {
    if (before !== undefined) addConstants(before, found);
  }
  // Not merged: what is known may be large, and this runs for every state.
  return found.size === 0 ? known : { has: (text) => found.has(text) || known.has(text) };
}

function changesOf(diff: Diff): readonly RowChange[] {
  return diff.flatMap(({ changes }) => changes);
}
