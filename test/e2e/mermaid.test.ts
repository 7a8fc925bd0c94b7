import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mermaid } from "../../src/report/mermaid/index.ts";
import type { Trace } from "../../src/trace/trace.ts";
import { type Probe, lane } from "../support/lane.ts";
import { openFixture } from "../support/run-fixture.ts";
import { toyBranch, toyTrace, toyTransition } from "../support/toy-trace.ts";

/** What Mermaid takes for something else unless it is escaped. */
const SAID = [
  'say "hello"',
  "it's `code`",
  "end",
  "subgraph; end",
  "<b>bold</b><script>alert(1)</script>",
  "#quot; #35; &lt;",
  "%%{init: {'theme':'dark'}}%%",
  "%% comment",
  "style a fill:#f9f;",
  "classDef x fill:#000;",
  "1. one",
  "- item",
  "a --> b",
  "a|b]c)d}e",
  "```",
  "\\",
  "---",
  "héllo 訂單 🛒",
  "fa:fa-car",
  "ﬂ°°35¶ß",
];

const READER = join(import.meta.dirname, "../support/mermaid-read.mjs");

const installed: Probe = () =>
  existsSync(join(import.meta.dirname, "../mermaid/node_modules"))
    ? undefined
    : "the packages of test/mermaid are not installed";

lane("Mermaid's own parser", installed, () => {
  test("reads what a run has written", async () => {
    await using fixture = openFixture("mock-shop", "5");
    fixture.edit("vitest.config.ts", "explore()", 'explore({ report: "mermaid" })');

    await fixture.run();
    const [file = "", ...others] = readdirSync(join(fixture.folder, ".vitest/explore"));

    expect(others).toEqual([]);
    expect(file).toMatch(/^shop\.explore\.test\.ts-shop\.\w+\.md$/);
    const page = fixture.read(join(".vitest/explore", file));
    expect(page).toMatchInlineSnapshot(`
      "# shop

      shop\\.explore\\.test\\.ts: 4 states, 3 transitions, outcome: violation.

      \`\`\`mermaid
      flowchart TD
        classDef failed fill:#fdd,stroke:#c00,color:#600
        s0["0"]
        s1["1"]
        s0 -->|"create order"| s1
        s2["2"]
        s1 -->|"refund"| s2
        s3["3#58; refunds never exceed the order"]:::failed
        s2 -->|"refund"| s3
        linkStyle 0,1,2 stroke:#c00,stroke-width:2px
      \`\`\`

      Failing paths:

      - create order → refund → refund (\`0/1/1\`): Invariant "refunds never exceed the order" does not hold after 3 steps
      "
    `);
    expect(read(diagramOf(page))).toMatchInlineSnapshot(`
      {
        "arrows": [
          {
            "from": "s0",
            "red": true,
            "text": "create order",
            "to": "s1",
          },
          {
            "from": "s1",
            "red": true,
            "text": "refund",
            "to": "s2",
          },
          {
            "from": "s2",
            "red": true,
            "text": "refund",
            "to": "s3",
          },
        ],
        "nodes": [
          {
            "failed": false,
            "id": "s0",
            "text": "0",
          },
          {
            "failed": false,
            "id": "s1",
            "text": "1",
          },
          {
            "failed": false,
            "id": "s2",
            "text": "2",
          },
          {
            "failed": true,
            "id": "s3",
            "text": "3: refunds never exceed the order",
          },
        ],
      }
    `);
  });

  test("reads texts as they were", () => {
    const { nodes, arrows } = read(diagramOf(mermaid.text(saying(SAID))));

    expect(nodes?.slice(1).map(({ text }) => text)).toEqual(
      SAID.map((said, i) => `${i + 1}: ${said}`),
    );
    expect(arrows?.map(({ text }) => text)).toEqual(SAID);
  });

  test("takes as much as is written of a large graph", () => {
    const diagram = diagramOf(
      mermaid.text(chain(2000, "a step with a rather long name, and more")),
    );
    const { arrows } = read(diagram);

    expect(diagram.length).toBeLessThan(50_000);
    expect(arrows?.length).toBeGreaterThan(200);
    expect(diagramOf(mermaid.text(chain(2000, "go"))).length).toBeLessThan(50_000);
    expect(read(diagramOf(mermaid.text(chain(2000, "go")))).arrows).toHaveLength(500);
  });

  test("refuses what is no diagram", () => {
    expect(read('flowchart TD\n  s0["open').error).toContain("Parse error");
  });
});

/** An action for each text, which leads to a failure with the same text. */
function saying(texts: readonly string[]): Trace {
  return toyTrace({
    actions: texts,
    states: [],
    transitions: texts.map((_, action) =>
      toyTransition({ from: 0, action, to: action + 1, path: String(action) }),
    ),
    branches: texts.map((message, action) =>
      toyBranch({
        name: message,
        path: String(action),
        status: "failed",
        failure: { kind: "error", message, steps: [] },
      }),
    ),
  });
}

/** So many states in a row. */
function chain(length: number, action: string): Trace {
  const states = Array.from({ length: length + 1 }, (_, depth) => ({
    fingerprint: String(depth),
    depth,
    path: Array(depth).fill(0).join("/"),
  }));
  const transitions = states
    .slice(1)
    .map(({ path, depth }) => toyTransition({ from: depth - 1, action: 0, to: depth, path }));
  return toyTrace({ actions: [action], states, transitions, branches: [] });
}

interface Read {
  readonly nodes?: readonly { readonly id: string; readonly text: string }[];
  readonly arrows?: readonly {
    readonly from: string;
    readonly to: string;
    readonly text: string;
  }[];
  readonly error?: string;
}

function diagramOf(page: string): string {
  return /^```mermaid\n(.*?)\n```$/ms.exec(page)?.[1] ?? "no diagram";
}

function read(diagram: string): Read {
  const { stdout, stderr } = spawnSync(process.execPath, [READER], {
    input: diagram,
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Read;
}
