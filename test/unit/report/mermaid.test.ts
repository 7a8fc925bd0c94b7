import { describe, expect, test } from "vitest";
import { mermaid } from "../../../src/report/mermaid/index.ts";
import type { Trace, TracedBranch, TracedFailure } from "../../../src/trace/trace.ts";
import { toyBranch, toyTrace, toyTransition } from "../../support/toy-trace.ts";

const VIOLATION: TracedFailure = {
  kind: "violation",
  message: 'Invariant "stays positive" does not hold\nafter 2 steps',
  invariant: "stays positive",
  steps: [],
};

function failed(path: string, failure: TracedFailure = VIOLATION): TracedBranch {
  return toyBranch({ name: `branch ${path}`, path, status: "failed", failure });
}

function diagramOf(trace: Trace): readonly string[] {
  const page = mermaid.text(trace);
  return page.slice(page.indexOf("flowchart"), page.indexOf("\n```\n")).split("\n").slice(2);
}

describe("the diagram", () => {
  test("shows a failing path in red, and where it ends", () => {
    const trace = toyTrace({
      transitions: [
        toyTransition({ from: 0, action: 0, to: 1, path: "0" }),
        toyTransition({ from: 0, action: 1, to: 0, path: "1" }),
        toyTransition({ from: 1, action: 1, to: 2, path: "0/1" }),
      ],
      branches: [toyBranch({ name: "create order", path: "0" }), failed("0/1")],
    });

    expect(diagramOf(trace)).toEqual([
      '  s0["0"]',
      '  s1["1"]',
      '  s0 -->|"create order"| s1',
      '  s2["2#58; stays positive"]:::failed',
      '  s1 -->|"refund"| s2',
      '  s0 -->|"refund"| s0',
      "  linkStyle 0,1 stroke:#c00,stroke-width:2px",
    ]);
  });

  test("has an end of its own for an action that reached no state", () => {
    const trace = toyTrace({
      transitions: [toyTransition({ from: 0, action: 1, path: "1" })],
      branches: [failed("1", { kind: "error", message: "boom\nat app.js", steps: [] })],
    });

    expect(diagramOf(trace)).toEqual([
      '  s0["0"]',
      '  f0["boom"]:::failed',
      '  s0 -->|"refund"| f0',
      "  linkStyle 0 stroke:#c00,stroke-width:2px",
    ]);
  });

  test("shows an initial state that fails", () => {
    const trace = toyTrace({ transitions: [], branches: [failed("")] });

    expect(diagramOf(trace)).toEqual(['  s0["0#58; stays positive"]:::failed']);
    expect(mermaid.text(trace)).toContain("- branch (`/`): Invariant");
  });

  test("has one arrow for actions that lead to the same, unless one of them fails", () => {
    const actions = ["a", "b", "c"];
    const transitions = actions.map((_, action) =>
      toyTransition({ from: 0, action, to: 1, path: String(action) }),
    );
    const trace = toyTrace({ actions, transitions, branches: [failed("1")] });

    expect(diagramOf(trace)).toEqual([
      '  s0["0"]',
      '  s1["1#58; stays positive"]:::failed',
      '  s0 -->|"b"| s1',
      '  s0 -->|"a#44; c"| s1',
      "  linkStyle 0 stroke:#c00,stroke-width:2px",
    ]);
  });

  test("names the first failure of a state, and one without a message too", () => {
    const actions = ["a", "b"];
    const transitions = actions.map((_, action) =>
      toyTransition({ from: 0, action, to: 1, path: String(action) }),
    );
    const silent = { kind: "error", message: "", steps: [] } as const;
    const twice = toyTrace({ actions, transitions, branches: [failed("0"), failed("1", silent)] });
    const lost = toyTrace({
      transitions: [toyTransition({ from: 0, action: 0, path: "0" })],
      branches: [failed("0", silent)],
    });

    expect(diagramOf(twice)[1]).toBe('  s1["1#58; stays positive"]:::failed');
    expect(diagramOf(lost)[1]).toBe('  f0[" "]:::failed');
  });

  test("keeps the end of a long text out", () => {
    const trace = toyTrace({ actions: ["x".repeat(61), "🛒".repeat(60)] });

    expect(diagramOf(trace)[2]).toBe(`  s0 -->|"${"x".repeat(59)}#8230;"| s1`);
  });
});

describe("of a graph that is too large", () => {
  const states = 700;
  const transitions = Array.from({ length: states }, (_, to) =>
    toyTransition({ from: 0, action: to, to: to + 1, path: String(to) }),
  );
  const actions = transitions.map(({ path }) => `action ${path}`);

  test("failing paths are kept, and it is said how much is not shown", () => {
    const trace = toyTrace({ actions, transitions, branches: [failed("699")] });
    const page = mermaid.text(trace);

    expect(page).toContain(
      "Mermaid draws no more: this is 500 of 700 arrows, those of failing paths first.",
    );
    expect(page.match(/-->/g)).toHaveLength(500);
    expect(diagramOf(trace)[2]).toBe('  s0 -->|"action 699"| s700');
  });

  test("the text stays below what Mermaid takes, whatever the names", () => {
    const long = actions.map((name) => `${name} ${"(".repeat(100)}`);
    const page = mermaid.text(toyTrace({ actions: long, transitions, branches: [failed("699")] }));

    expect(page.length).toBeLessThan(50_000);
    expect(page).toMatch(/this is \d\d\d of 700 arrows/);
  });

  test("twenty failures are listed, the others counted", () => {
    const branches = transitions.slice(0, 23).map(({ path }) => failed(path));
    const page = mermaid.text(toyTrace({ actions, transitions, branches }));

    expect(page.match(/^- branch/gm)).toHaveLength(20);
    expect(page.trimEnd().split("\n").at(-1)).toBe("- and 3 more");
  });
});

test("outside of the diagram, texts are no Markdown", () => {
  const said = "a *b* <img src=x> [c](d) `e` # & \n## f";
  const page = mermaid.text(toyTrace({ exploration: { module: said, name: said } }));

  expect(page.split("\n")[0]).toBe(
    String.raw`# a \*b\* &lt;img src=x\> \[c\]\(d\) \`e\` \# &amp; \#\# f`,
  );
});
