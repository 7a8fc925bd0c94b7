import type { Value } from "../adapter.ts";

/** What a key holds, as plain data. */
export interface Content {
  /** As `TYPE` tells it. */
  readonly type: string;
  readonly value: Value;
  readonly hasTtl: boolean;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the answer of the scripts `READ` and `DECODE`: three values for each key.
 *
 * @returns `undefined` for a key that does not exist.
 */
export function contentsOf(answer: readonly unknown[]): readonly (Content | undefined)[] {
  const contents: (Content | undefined)[] = [];
  for (let index = 0; index < answer.length; index += 3) {
    const type = String(answer[index]);
    contents.push(
      type === "none"
        ? undefined
        : {
            type,
            hasTtl: Number(answer[index + 1]) >= 0,
            value: valueOf(type, answer[index + 2]),
          },
    );
  }
  return contents;
}

/** Sets, sorted sets and hashes become records, since the order of a record means nothing. */
function valueOf(type: string, answer: unknown): Value {
  switch (type) {
    case "list":
      return (answer as readonly Buffer[]).map(textOf);
    case "set":
      return recordOf((answer as readonly Buffer[]).map((member) => [member, true]));
    case "zset":
      return recordOf(pairsOf(answer as readonly Buffer[]));
    case "hash":
      return hashOf(answer as readonly [readonly Buffer[], readonly Buffer[]]);
    case "stream":
      return streamOf(answer as StreamAnswer);
    case "string":
      return textOf(answer as Buffer);
    default:
      // A type of a module: its payload, without the version and checksum at the end.
      return (answer as Buffer).subarray(0, -10);
  }
}

/** A hash of which fields run out is told with their names. */
function hashOf([flat, runningOut]: readonly [readonly Buffer[], readonly Buffer[]]): Value {
  const fields = recordOf(pairsOf(flat));
  if (runningOut.length === 0) return fields;
  return { fields, runningOut: recordOf(runningOut.map((name) => [name, true])) };
}

type StreamAnswer = readonly [
  entries: readonly (readonly [id: Buffer, fields: readonly Buffer[]])[],
  last: Buffer,
  groups: readonly (readonly [
    name: Buffer,
    last: Buffer,
    consumers: readonly Buffer[],
    pending: readonly (readonly [id: Buffer, consumer: Buffer, idle: number, deliveries: number])[],
  ])[],
];

function streamOf([entries, last, groups]: StreamAnswer): Value {
  return {
    entries: entries.map(([id, fields]) => ({ ...idOf(id), fields: fields.map(textOf) })),
    last: idOf(last),
    groups: recordOf(
      groups.map(([name, delivered, consumers, pending]) => [
        name,
        {
          last: idOf(delivered),
          consumers: recordOf(consumers.map((consumer) => [consumer, true])),
          pending: pending.map(([entry, consumer, , deliveries]) => ({
            ...idOf(entry),
            consumer: textOf(consumer),
            deliveries,
          })),
        },
      ]),
    ),
  };
}

/** The time and the number within it, apart: a time is known as one by its name. */
function idOf(id: Buffer): { readonly at: Value; readonly seq: Value } {
  const [at = "", seq = ""] = id.toString("latin1").split("-");
  return { at: numberOf(at), seq: numberOf(seq) };
}

function numberOf(digits: string): Value {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}

function pairsOf(flat: readonly Buffer[]): readonly (readonly [Buffer, Value])[] {
  const pairs: (readonly [Buffer, Value])[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const [name, value] = [flat[index], flat[index + 1]];
    if (name !== undefined && value !== undefined) pairs.push([name, textOf(value)]);
  }
  return pairs;
}

/** Pairs, ordered by name; a list of pairs where a name is no text. */
function recordOf(pairs: readonly (readonly [Buffer, Value])[]): Value {
  const sorted = pairs.toSorted(([a], [b]) => Buffer.compare(a, b));
  const named = sorted.map(([name, value]) => [textOf(name), value] as const);
  return named.every(isNamed) ? Object.fromEntries(named) : named;
}

function isNamed(pair: readonly [Value, Value]): pair is readonly [string, Value] {
  return typeof pair[0] === "string";
}

/** Text where the bytes are UTF-8, else the bytes. */
export function textOf(bytes: Uint8Array): string | Uint8Array {
  try {
    return UTF8.decode(bytes);
  } catch {
    return new Uint8Array(bytes);
  }
}

/** Writes a value so that only equal values give equal texts. */
export function encodeContent({ type, value, hasTtl }: Content): string {
  return `${type} ${hasTtl ? "ttl" : "-"} ${encode(value)}`;
}

function encode(value: Value): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner instanceof Uint8Array) return { bytes: Buffer.from(inner).toString("base64") };
    return typeof inner === "bigint" ? { bigint: String(inner) } : inner;
  });
}

/** Calls back with every text in a value, names of record entries included. */
export function tellTexts(value: Value, onText: (text: string) => void): void {
  if (typeof value === "string") return onText(value);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  if (Array.isArray(value)) {
    for (const inner of value as readonly Value[]) tellTexts(inner, onText);
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    onText(name);
    tellTexts(inner, onText);
  }
}
