/** A line of MySQL's command line program, which the server does not know. */
const DELIMITER = /^[ \t]*DELIMITER[ \t]+(\S+)[ \t]*$/gim;

/**
 * Splits a script into texts that the server takes: at its `DELIMITER` lines, and where another
 * delimiter than `;` ends a line. Without such lines it is one text.
 */
export function splitScript(sql: string): readonly string[] {
  const parts: string[] = [];
  let delimiter = ";";
  let start = 0;
  for (const line of sql.matchAll(DELIMITER)) {
    parts.push(...splitAt(sql.slice(start, line.index), delimiter));
    delimiter = line[1] ?? ";";
    start = line.index + line[0].length;
  }
  parts.push(...splitAt(sql.slice(start), delimiter));
  return parts.filter((part) => part.trim() !== "");
}

/** The server itself knows where a `;` ends a statement and where it does not. */
function splitAt(text: string, delimiter: string): readonly string[] {
  if (delimiter === ";") return [text];
  return text.split(/\r?\n/).reduce<string[]>(
    (parts, line) => {
      const ends = line.trimEnd().endsWith(delimiter);
      const kept = ends ? line.trimEnd().slice(0, -delimiter.length) : line;
      parts.push(`${parts.pop() ?? ""}${kept}\n`, ...(ends ? [""] : []));
      return parts;
    },
    [""],
  );
}
