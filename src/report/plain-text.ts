/** A text without colours: a log's are not the report's. */
export function plainText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- Colours are control characters.
  return text.replaceAll(/\u001B\[[0-9;]*[A-Za-z]/g, "");
}
