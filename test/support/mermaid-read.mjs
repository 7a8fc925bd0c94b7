/**
 * Reads a Mermaid flowchart from standard input with Mermaid's own parser, and prints what it
 * understood as JSON, or its complaint as `error`.
 */
import { createRequire, registerHooks } from "node:module";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

// Mermaid cleans texts with a library that needs a browser; here they are only read.
const NO_CLEANER =
  "data:text/javascript,export default { sanitize: (text) => text, addHook() {}, removeHook() {} };";
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "dompurify" ? { url: NO_CLEANER, shortCircuit: true } : next(specifier, context),
});

const { resolve } = createRequire(new URL("../mermaid/package.json", import.meta.url));
const { default: mermaid } = await import(pathToFileURL(resolve("mermaid")).href);
mermaid.initialize({});

try {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(await text(process.stdin));
  const nodes = [...db.getVertices().values()].map(({ id, text, classes }) => ({
    id,
    text: decode(text),
    failed: classes.includes("failed"),
  }));
  const arrows = db.getEdges().map(({ start, end, text, style }) => ({
    from: start,
    to: end,
    text: decode(text),
    red: style !== null && style !== undefined,
  }));
  console.log(JSON.stringify({ nodes, arrows }));
} catch (error) {
  console.log(JSON.stringify({ error: error.message }));
}

/** How Mermaid itself writes entities until it draws. */
function decode(label = "") {
  return label.replaceAll(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(Number(code)));
}
