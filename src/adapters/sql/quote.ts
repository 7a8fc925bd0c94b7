/** Quotes a name the way the SQL standard does, which SQLite and PostgreSQL follow. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text literal the way the SQL standard does. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Quotes names and joins them with commas, each behind `prefix`, e.g. `NEW.`. */
export function nameList(names: readonly string[], prefix = ""): string {
  return names.map((name) => prefix + quoteName(name)).join(", ");
}
