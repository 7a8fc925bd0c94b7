import { isBytes } from "../identity/knowledge.ts";
import { MASK } from "../../trace/secrets.ts";
import type { Telling } from "./recording.ts";

/** Nested deeper than that nobody reads, and a cycle must end. */
const MOST_LEVELS = 20;

/**
 * Tells plain data: what stands under a secret key is masked, generated values and times are named.
 * Everything else keeps its value and type.
 *
 * @param key - The name under which the value stands.
 */
export function tellData(value: unknown, key: string, telling: Telling): unknown {
  return tell(value, { key, level: 0 }, telling);
}

interface At {
  readonly key: string;
  readonly level: number;
}

function tell(value: unknown, { key, level }: At, telling: Telling): unknown {
  const { names, secrets } = telling;
  if (secrets.isSecret(key) && isTelling(value)) {
    return typeof value === "string" ? secrets.mask(value) : MASK;
  }
  if (typeof value === "string") return names.text(secrets.hide(value));
  if (typeof value === "number" || typeof value === "bigint") {
    return names.number(value, key) ?? value;
  }
  if (typeof value !== "object" || value === null || isBytes(value)) return value;
  return level >= MOST_LEVELS ? "…" : tellInner(value, { key, level }, telling);
}

function tellInner(value: object, { key, level }: At, telling: Telling): unknown {
  const inner = (name: string): At => ({ key: name, level: level + 1 });
  if (Array.isArray(value)) return value.map((item) => tell(item, inner(key), telling));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      telling.names.text(name),
      tell(item, inner(name), telling),
    ]),
  );
}

/** Whether a value under a secret name gives something away: that there is none does not. */
function isTelling(value: unknown): boolean {
  return value !== undefined && value !== null && typeof value !== "boolean" && value !== "";
}
