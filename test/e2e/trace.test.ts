import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Trace } from "../../src/trace/trace.ts";
import { describeMajors, openFixture } from "../support/run-fixture.ts";

describeMajors((major) => {
  test('report: "json" writes the same trace in each run, without secrets', async () => {
    await using fixture = openFixture("findings", major);
    fixture.edit("vitest.config.ts", "explore()", 'explore({ report: "json" })');

    await fixture.run();
    const first = readTraces(fixture.folder);
    await fixture.run();
    const second = readTraces(fixture.folder);

    expect(second).toEqual(first);
    expect(Object.keys(first)).toHaveLength(4);
    expect(JSON.stringify(first)).not.toMatch(/correct horse|DE02120300000000202051|swordfish/);
    const trace = Object.values(first).find(
      ({ exploration }) => exploration.name === "an action that throws",
    );
    expect(trace?.states.map(({ depth, path }) => [depth, path])).toEqual([
      [0, ""],
      [1, "0"],
    ]);
    expect(trace?.transitions.at(-1)).toMatchInlineSnapshot(`
      {
        "action": 1,
        "from": 1,
        "path": "0/1",
        "step": {
          "action": "look",
          "changes": [],
          "exchanges": [
            {
              "headers": {
                "authorization": "Bearer <secret>",
                "cookie": "session=<secret>",
              },
              "method": "GET",
              "response": {
                "body": {
                  "text": "{"id":"<id 1>","name":"ann","password":"<secret>","points":0,"joined":"<time>"}",
                },
                "headers": {
                  "content-type": "application/json",
                },
                "status": 200,
              },
              "system": "api",
              "target": "/members/<id 1>",
            },
          ],
          "number": 2,
        },
      }
    `);
  });
});

/** By file name, without what differs from run to run. */
function readTraces(folder: string): Readonly<Record<string, Trace>> {
  const traces = join(folder, ".vitest/explore");
  return Object.fromEntries(
    readdirSync(traces)
      .toSorted()
      .map((name) => [name, JSON.parse(readFileSync(join(traces, name), "utf8"), stable) as Trace]),
  );
}

function stable(key: string, value: unknown): unknown {
  return key.endsWith("Ms") || key === "output" ? undefined : value;
}
