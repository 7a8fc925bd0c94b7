import { show, usageError } from "../../errors.ts";
import { encodeString, hasPieces } from "./encode-text.ts";
import type { Encoding, Place } from "./encoding.ts";
import { encodeOwned, encodeTime, literal, termOf, write } from "./encoding.ts";
import { blankSlot, ownersByKey } from "./generated.ts";
import { isBytes } from "./knowledge.ts";
import { factsOf } from "./names.ts";
import type { Term } from "./term.ts";
import { addSlot, addTerm } from "./term.ts";
import { parseEpoch } from "./times.ts";

/**
 * Writes a value so that equal texts mean equal values up to a renaming of generated values:
 * every type has its own first character and every string is quoted.
 *
 * @throws ExploreError `EXPLORE_USAGE` for what is not plain data, naming its path.
 */
export function encodeValue(encoding: Encoding, value: unknown, place: Place): void {
  switch (typeof value) {
    case "string":
      return encodeString(encoding, value, { place, encodeValue });
    case "number":
    case "bigint":
      return encodeNumber(encoding, value, place);
    case "object":
      return value === null ? write(encoding, "null") : encodeObject(encoding, value, place);
    case "boolean":
    case "undefined":
      return write(encoding, literal(value));
    case "function":
    case "symbol":
      throw notPlain(place.path, `is ${show(value)}`);
  }
}

function encodeNumber(encoding: Encoding, value: number | bigint, place: Place): void {
  if (encodeOwned(encoding, value, place)) return;
  const atUs = place.time ? parseEpoch(Number(value)) : undefined;
  if (atUs === undefined) return write(encoding, literal(value));
  write(encoding, typeof value === "bigint" ? "b" : "n");
  encodeTime(encoding, atUs, place);
}

function encodeObject(encoding: Encoding, value: object, place: Place): void {
  if (isBytes(value)) return write(encoding, literal(value));
  if (encoding.open.has(value)) throw notPlain(place.path, "contains itself");
  encoding.open.add(value);
  encodeContainer(encoding, value, place);
  encoding.open.delete(value);
}

function encodeContainer(encoding: Encoding, value: object, place: Place): void {
  if (Array.isArray(value)) return encodeArray(encoding, value, place);
  // By tag, not by class: under `vmThreads` the spec has classes of its own realm.
  switch (Object.prototype.toString.call(value)) {
    case "[object Date]":
      return encodeDate(encoding, value as Date, place);
    case "[object Map]":
      return encodeMap(encoding, value as ReadonlyMap<unknown, unknown>, place);
    case "[object Set]":
      return encodeSet(encoding, value as ReadonlySet<unknown>, place);
    default:
      if (!isPlain(value)) throw notPlain(place.path, `is an instance of ${classOf(value)}`);
      return encodeRecord(encoding, value, place);
  }
}

function encodeArray(encoding: Encoding, values: readonly unknown[], place: Place): void {
  const { order } = encoding;
  write(encoding, "[");
  for (let index = 0; index < values.length; index += 1) {
    if (encoding.inContext) encoding.order = index;
    if (index > 0) write(encoding, ",");
    encodeValue(encoding, values[index], { ...place, path: `${place.path}[${index}]` });
  }
  encoding.order = order;
  write(encoding, "]");
}

function encodeDate(encoding: Encoding, value: Date, place: Place): void {
  const ms = value.getTime();
  write(encoding, "D");
  if (Number.isNaN(ms) || encoding.values.constants.has(value.toISOString())) {
    return write(encoding, String(ms));
  }
  encodeTime(encoding, ms * 1000, place);
}

/** One entry of something unordered. Its key says where it stands, unless the key is generated. */
interface Entry {
  readonly key: Term;
  readonly encode?: () => void;
}

function encodeRecord(encoding: Encoding, value: object, place: Place): void {
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const isGenerated = ([key]: readonly [string, unknown]): boolean =>
    place.owners.length > 0 || hasPieces(encoding, key);
  if (!place.ordered && entries.some(isGenerated)) return encodeBag(encoding, "{", bagOf(entries));
  if (!place.ordered) entries.sort(([a], [b]) => (a < b ? -1 : 1));
  write(encoding, "{");
  for (const [key, inner] of entries) {
    if (isGenerated([key, inner])) encodeKey(key);
    else write(encoding, JSON.stringify(key));
    write(encoding, ":");
    encodeValue(encoding, inner, placeOf(encoding, place, key));
    write(encoding, ",");
  }
  write(encoding, "}");

  function encodeKey(key: string): void {
    encodeString(encoding, key, { place: { ...place, ordered: false, time: false }, encodeValue });
  }
  function bagOf(all: readonly (readonly [string, unknown])[]): readonly Entry[] {
    return all.map(([name, inner]) => {
      const key = termOf(encoding, () => encodeKey(name));
      const at = key.slots.length > 0 ? memberOf(place) : placeOf(encoding, place, name);
      return { key, encode: () => encodeValue(encoding, inner, at) };
    });
  }
}

function encodeMap(encoding: Encoding, map: ReadonlyMap<unknown, unknown>, place: Place): void {
  const entries = [...map].map(([name, inner]): Entry => {
    const key = termOf(encoding, () => encodeValue(encoding, name, place));
    const literalKey = key.slots.length === 0 && typeof name === "string";
    const at = literalKey ? placeOf(encoding, place, name) : memberOf(place);
    return { key, encode: () => encodeValue(encoding, inner, at) };
  });
  encodeBag(encoding, "M{", entries);
}

function encodeSet(encoding: Encoding, set: ReadonlySet<unknown>, place: Place): void {
  const entries = [...set].map((member): Entry => ({
    key: termOf(encoding, () => encodeValue(encoding, member, place)),
  }));
  encodeBag(encoding, "S{", entries);
}

/**
 * Entries with a literal key are written in the order of their keys. The others have no order
 * before the generated values have one: each becomes a term of its own that names the bag.
 */
function encodeBag(encoding: Encoding, kind: string, entries: readonly Entry[]): void {
  write(encoding, kind);
  const fixed = entries.filter(({ key }) => key.slots.length === 0);
  for (const { key, encode } of fixed.toSorted((a, b) => compareText(textOf(a), textOf(b)))) {
    addTerm(encoding.draft, key);
    if (encode !== undefined) write(encoding, ":");
    encode?.();
    write(encoding, ",");
  }
  if (fixed.length < entries.length) {
    const bag = blankSlot(encoding.values);
    write(encoding, "*");
    addSlot(encoding.draft, bag);
    for (const { key, encode } of entries) {
      if (key.slots.length === 0) continue;
      const member = termOf(encoding, () => {
        addSlot(encoding.draft, bag);
        addTerm(encoding.draft, key);
        if (encode !== undefined) write(encoding, ":");
        encode?.();
      });
      encoding.members.push(member);
    }
  }
  write(encoding, "}");
}

function textOf({ key }: Entry): string {
  return key.pieces[0] ?? "";
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function placeOf(encoding: Encoding, place: Place, key: string): Place {
  return {
    path: `${place.path}.${key}`,
    key,
    owners: ownersByKey(encoding.values, key, place.key),
    time: factsOf(key).time,
    ordered: place.ordered,
  };
}

/** The place of what stands under a generated key: the key is no name, so the container's counts. */
function memberOf(place: Place): Place {
  return { ...place, path: `${place.path}[]`, owners: [], time: false };
}

/** Made by `{}` or `Object.create(null)`, in any realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function classOf(value: object): string {
  const { constructor } = value;
  return typeof constructor === "function" && constructor.name !== ""
    ? constructor.name
    : "a class without a name";
}

function notPlain(path: string, problem: string): Error {
  return usageError(
    path,
    `${problem}, which cannot be compared between two states`,
    "Keep it outside of the context, in a variable of the spec, or keep plain data of it there: " +
      "numbers, strings, dates, arrays, objects, Map, Set.",
  );
}
