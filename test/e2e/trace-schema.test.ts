import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFixture } from "../support/run-fixture.ts";
import { complaints } from "../support/trace-schema.ts";

test.for(["consistency", "findings", "in-process", "mock-shop", "oracles", "sequences"])(
  "the traces of %s are as docs/trace.schema.json says",
  async (name) => {
    await using fixture = openFixture(name, "5");
    fixture.edit("vitest.config.ts", "explore()", 'explore({ report: "json" })');
    await fixture.run();
    const folder = join(fixture.folder, ".vitest/explore");
    const traces = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));

    expect(traces).not.toEqual([]);
    for (const trace of traces) expect(complaints(JSON.parse(trace))).toEqual([]);
  },
);
