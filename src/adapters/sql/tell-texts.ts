/** Tells every text in a value. */
export function tellTexts(value: unknown, onText: (text: string) => void): void {
  if (typeof value === "string") onText(value);
  else if (Array.isArray(value)) for (const item of value) tellTexts(item, onText);
  else if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
    tellTexts(Object.values(value), onText);
  }
}
