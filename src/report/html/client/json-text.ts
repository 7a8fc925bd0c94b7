/** Breaks JSON into lines without changing any of its words: numbers and escapes stay as sent. */
export function indentJson(text: string): string {
  if (!isJson(text)) return text;
  let depth = 0;
  const newLine = (): string => `\n${"  ".repeat(depth)}`;
  const lines = (text.match(WORDS) ?? []).map((word) => {
    switch (word) {
      case "{":
      case "[":
        depth += 1;
        return word + newLine();
      case "}":
      case "]":
        depth -= 1;
        return newLine() + word;
      case ",":
        return word + newLine();
      case ":":
        return `${word} `;
      default:
        return EMPTY.test(word) ? word.replaceAll(/\s/g, "") : word;
    }
  });
  return lines.join("");
}

const WORDS = /"(?:[^"\\]|\\.)*"|\{\s*\}|\[\s*\]|[{}[\],:]|[^\s{}[\],:"]+/gs;
const EMPTY = /^[{[]\s*[}\]]$/;

function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
