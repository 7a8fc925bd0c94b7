/** Quotes a name. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** Quotes a text literal, whatever `sql_mode` says of backslashes: as hexadecimal digits. */
export function quoteText(text: string): string {
  if (/^[\w .:@%()-]*$/.test(text)) return `'${text}'`;
  return `CONVERT(X'${Buffer.from(text).toString("hex")}' USING utf8mb4)`;
}

/** Quotes names and joins them with commas, each behind `prefix`, e.g. `NEW.`. */
export function nameList(names: readonly string[], prefix = ""): string {
  return names.map((name) => prefix + quoteName(name)).join(", ");
}
