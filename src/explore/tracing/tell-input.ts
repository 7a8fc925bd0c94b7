import type { Value } from "../../adapters/adapter.ts";
import { encodeTraced, type TracedValue } from "../../trace/value-codec.ts";
import { isBytes } from "../identity/knowledge.ts";
import type { Input } from "../model.ts";
import type { Names } from "./names.ts";
import type { Telling } from "./recording.ts";
import { tellData } from "./tell-data.ts";

/** Characters; of longer inputs the beginning is told. */
const MOST_INPUT = 2000;
/** What is nested deeper is told as a text, and a cycle must end. */
const MOST_LEVELS = 20;

/** An input is the same in every run: nothing of it needs a name. */
const AS_IT_IS: Names = { text: (text) => text, number: () => undefined };

/** Tells an input without secrets: as data, or as `{ $text }` where it is more than data or too long. */
export function tellInput(input: Input, { secrets }: Pick<Telling, "secrets">): TracedValue {
  const value = input.value();
  if (!isData(value, 0)) return textOf(secrets.hide(input.text()));
  const told = encodeTraced(tellData(value, "", { secrets, names: AS_IT_IS }) as Value);
  const text = JSON.stringify(told);
  return text.length > MOST_INPUT ? textOf(text) : told;
}

function textOf(text: string): TracedValue {
  return { $text: text.length > MOST_INPUT ? `${text.slice(0, MOST_INPUT)}…` : text };
}

/** Whether a value is what JSON can hold, bytes and large numbers included. */
function isData(value: unknown, level: number): boolean {
  if (typeof value !== "object") return typeof value !== "function" && !isNothing(value);
  if (value === null || isBytes(value)) return true;
  if (level === MOST_LEVELS) return false;
  if (!Array.isArray(value) && !isPlainObject(value)) return false;
  return Object.values(value).every((inner) => isData(inner, level + 1));
}

function isNothing(value: unknown): boolean {
  return value === undefined || typeof value === "symbol";
}

/** By its prototypes: in Vitest's vm pools there are several classes `Object`. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
