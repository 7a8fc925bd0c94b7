import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { htmlPage, type PageParts } from "../../../../src/report/html/page.ts";
import { toyTrace } from "../../../support/toy-trace.ts";

const HOSTILE = [
  "</script><script>alert(1)</script>",
  "</SCRIPT >",
  "<!--<script>",
  "-->",
  "]]>",
  "&quot;&lt;",
  "\u2028\u2029",
  "\u0000\uD800",
  '"\\',
  "${document.title}`",
];

function pageOf(parts: Partial<PageParts> = {}): string {
  return htmlPage({
    title: "shop",
    traces: [toyTrace()],
    script: "show();",
    style: "p { margin: 0 }",
    dagre: "var dagre = {};",
    ...parts,
  });
}

/** What is between the tags of the elements of a kind, as a browser finds their end. */
function contents(page: string, element: string): readonly string[] {
  const found = page.matchAll(new RegExp(`<${element}( [^>]*)?>(.*?)</${element}`, "gis"));
  return [...found].map(([, , content = ""]) => content);
}

describe("the traces", () => {
  test.for(HOSTILE)("come back unchanged when an app said %j", (said) => {
    const traces = [toyTrace({ actions: [said], exploration: { module: said, name: said } })];
    const page = pageOf({ traces });
    const [json = "", ...scripts] = contents(page, "script");

    expect(JSON.parse(json)).toEqual(traces);
    expect(scripts).toEqual(["var dagre = {};", "show();"]);
    expect(json).not.toMatch(/[<>&\u2028\u2029]/);
  });

  test("may be none", () => {
    expect(contents(pageOf({ traces: [] }), "script")[0]).toBe("[]");
  });
});

describe("the policy", () => {
  test("allows the page's own scripts and style by their content, and nothing else", () => {
    const page = pageOf({ script: "a();\r\nb();", style: "p {\r\n}" });
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];

    expect(policy?.split("; ")).toEqual([
      "default-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "img-src data:",
      `style-src ${sha256("p {\n}")}`,
      `script-src ${sha256("var dagre = {};")} ${sha256("a();\nb();")}`,
    ]);
  });

  test("is there before anything that it is about", () => {
    const page = pageOf();
    expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<style>"));
  });
});

test("a script or style that speaks of its own end does not end there", () => {
  const page = pageOf({
    script: 'end = "</script>"; begin = "<!--<script";',
    style: 'p { content: "</style>" }',
  });

  expect(contents(page, "script")[2]).toBe(
    String.raw`end = "\x3c/script>"; begin = "\x3c!--\x3cscript";`,
  );
  expect(contents(page, "style")).toEqual([String.raw`p { content: "\3c /style>" }`]);
});

test("the title is text", () => {
  expect(contents(pageOf({ title: "a < b & </title><b>" }), "title")).toEqual([
    "a &lt; b &amp; &lt;/title&gt;&lt;b&gt;",
  ]);
});

/** As a policy names it. */
function sha256(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
