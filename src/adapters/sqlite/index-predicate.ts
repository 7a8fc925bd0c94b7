/** A quoted name or text, a comment, a bracket, a word, or any other character. */
const TOKEN =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|[()]|[A-Za-z_]\w*|[^]/g;

/**
 * Reads the condition of a partial index out of its `CREATE INDEX` statement, which no pragma tells.
 *
 * @returns What follows `WHERE`; `undefined` when there is none.
 */
export function indexPredicate(sql: string): string | undefined {
  let depth = 0;
  for (const { 0: token, index } of sql.matchAll(TOKEN)) {
    if (token === "(") depth += 1;
    else if (token === ")") depth -= 1;
    else if (depth === 0 && token.toUpperCase() === "WHERE") {
      return sql.slice(index + token.length).trim();
    }
  }
  return undefined;
}
