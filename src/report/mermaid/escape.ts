/** Longer labels make a drawing nobody can read. */
const maxLabelLength = 60;

/**
 * Writes a text as a quoted label of Mermaid. All that is no letter or digit becomes an entity: in a
 * label, Mermaid still looks for quotes, HTML, Markdown, icons and comments.
 */
export function label(text: string): string {
  const line = shorten(text.replaceAll(/[\s\p{C}]+/gu, " ").trim());
  const escaped = line.replaceAll(
    /[^\p{L}\p{M}\p{N} ]/gu,
    (character) => `#${character.codePointAt(0)};`,
  );
  // An empty label is a syntax error.
  return `"${escaped === "" ? " " : escaped}"`;
}

/** Writes a text so that Markdown shows it as it is. */
export function markdownText(text: string): string {
  return text
    .replaceAll(/[\s\p{C}]+/gu, " ")
    .trim()
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\\`*_{}[\]()#+\-.!|~>@:]/g, String.raw`\$&`);
}

function shorten(text: string): string {
  const characters = Array.from(text);
  if (characters.length <= maxLabelLength) return text;
  return `${characters.slice(0, maxLabelLength - 1).join("")}…`;
}
