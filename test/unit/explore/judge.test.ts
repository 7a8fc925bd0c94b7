import { describe, expect, test } from "vitest";
import type { OracleOptions } from "../../../src/explore/judge.ts";
import type { Action, Recording } from "../../../src/explore/model.ts";
import type { StepFacts } from "../../../src/explore/oracles/oracle.ts";
import { createToy, type ToyArgs } from "../../support/toy-graph.ts";
import { runToy, type Told } from "../../support/toy-run.ts";

const ON: OracleOptions = { switches: {}, ignoreTables: [] };

/** An app with one number: `requests` are what each action sends, `changes` the tables it changes. */
async function explored(
  oracles: OracleOptions | undefined,
  action: Pick<Action<ToyArgs>, "oracles"> & { readonly request: string },
): Promise<Told> {
  const toy = createToy("tree");
  let facts: StepFacts | undefined;
  const record = (): Recording => ({
    begin: () => (facts = undefined),
    acted: () => {},
    facts: () => facts,
    text: (text) => text,
    end: async ({ number, action: name }) => ({ number, action: name, exchanges: [], output: [] }),
  });
  const [method = "", target = "", status] = action.request.split(" ");
  return runToy({
    subject: { ...toy.subject, record },
    actions: [
      {
        name: "ask",
        ...(action.oracles && { oracles: action.oracles }),
        run: (world) => {
          world.state += 1;
          const request = { method, target, status: Number(status), request: action.request };
          const row = { system: "db", collection: "log", added: 1, removed: 0, changed: 0 };
          facts = { exchanges: [request], changes: () => [row] };
        },
      },
    ],
    budget: { depth: 2 },
    ...(oracles && { oracles }),
  });
}

test("a step that an oracle judges fails its branch, and nothing goes on from there", async () => {
  const { order, finished, summary } = await explored(ON, { request: "GET /log 200" });

  expect(order).toEqual(["x ask"]);
  expect(finished[0]?.failure).toMatchObject({
    kind: "violation",
    invariant: "readsChangeNothing",
  });
  expect(String(finished[0]?.failure?.error)).toMatchInlineSnapshot(`
    "Error: GET /log changed db.log.
    This is judged without a rule of the spec (readsChangeNothing). If it is meant to be so, switch it off: \`oracles: { readsChangeNothing: false }\`, in the spec or in the action "ask"; \`ignoreTables\` leaves tables out."
  `);
  // A violation's state is a state.
  expect(summary).toMatchObject({ outcome: "violation", states: 2, replayedSteps: 1 });
});

describe("an oracle is off", () => {
  test.for([
    ["for a search without any", undefined, undefined],
    ["by name", { ...ON, switches: { readsChangeNothing: false } }, undefined],
    ["in the action", ON, { readsChangeNothing: false }],
    ["for tables that are left out", { ...ON, ignoreTables: ["log"] }, undefined],
    ["for tables of one system", { ...ON, ignoreTables: ["db.log"] }, undefined],
  ] as const)("%s", async ([, options, own]) => {
    const action = { request: "GET /log 200", ...(own && { oracles: own }) };
    expect((await explored(options, action)).order).toEqual(["ask", "ask → ask"]);
  });

  test("but not for other tables", async () => {
    const { order } = await explored(
      { ...ON, ignoreTables: ["cache.log", "logs"] },
      { request: "GET /log 200" },
    );
    expect(order).toEqual(["x ask"]);
  });
});

test("an action may switch on what the spec does not", async () => {
  const oracles = { deletesRemove: true };
  expect((await explored(ON, { request: "DELETE /log 204", oracles })).order).toEqual(["x ask"]);
  expect((await explored(ON, { request: "DELETE /log 204" })).order).toHaveLength(2);
});

test("a repeat is the same action with the same requests, from the state it produced", async () => {
  const options = { ...ON, switches: { repeatsChangeNothing: true } };
  const { order } = await explored(options, { request: "PUT /log 200" });

  expect(order).toEqual(["ask", "x ask → ask"]);
});
