/**
 * Reads JSON text, if writing it again gives the same text: then its structure says all about it.
 *
 * @returns The value in a box; `undefined` for other texts, also for a lone number or string.
 */
export function readJsonText(text: string): { readonly value: object } | undefined {
  const [first] = text;
  if (first !== "{" && first !== "[") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    return JSON.stringify(value) === text ? { value } : undefined;
  } catch {
    return undefined;
  }
}

/** Reads header and payload of a JSON web token; `undefined` when they are no JSON objects. */
export function readJwt(text: string): readonly [object, object] | undefined {
  const [header, payload] = text.split(".").map(decodeObject);
  return header === undefined || payload === undefined ? undefined : [header, payload];
}

function decodeObject(part: string): object | undefined {
  try {
    const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
