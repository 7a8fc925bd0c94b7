import { hash } from "node:crypto";
import type { Trace } from "../../trace/trace.ts";

/** What the page is made of. */
export interface PageParts {
  readonly title: string;
  readonly traces: readonly Trace[];
  /** The program that shows the traces: the bundle of `client/`. */
  readonly script: string;
  readonly style: string;
  /** The library that lays the graph out, as a script that defines `dagre`. */
  readonly dagre: string;
}

/**
 * Makes one HTML document that needs nothing else: it loads nothing, and nothing but its own scripts
 * can run in it, whatever the traces say.
 */
export function htmlPage({ title, traces, ...parts }: PageParts): string {
  const style = parts.style.replaceAll(/<(?=\/style)/gi, "\\3c ");
  const scripts = [parts.dagre, parts.script].map(inlineScript);
  const policy = [
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "img-src data:",
    `style-src ${source(style)}`,
    `script-src ${scripts.map(source).join(" ")}`,
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<script type="application/json" id="traces">${inlineJson(traces)}</script>
${scripts.map((script) => `<script>${script}</script>`).join("\n")}
</body>
</html>
`;
}

/** The same JSON without a character that HTML or an old JavaScript would take for its own. */
function inlineJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The same script without what would end its element, or make HTML look for the end elsewhere. */
function inlineScript(script: string): string {
  return script.replaceAll(/<(?=\/script|script|!--)/gi, String.raw`\x3c`);
}

/** How a policy names an inline script or style: by its content, line ends as HTML reads them. */
function source(content: string): string {
  return `'sha256-${hash("sha256", content.replaceAll(/\r\n?/g, "\n"), "base64")}'`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
