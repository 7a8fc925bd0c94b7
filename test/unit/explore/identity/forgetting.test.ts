import { expect, test } from "vitest";
import {
  canonicalForm,
  canonicalState,
  type Knowledge,
  learn,
  noKnowledge,
} from "../../../../src/explore/identity/index.ts";
import type { SystemDiff } from "../../../../src/explore/diffs.ts";
import { added, ID, orders, system } from "./worlds.ts";

/** A project, and a task in it. */
function projects(...tasks: readonly number[]): readonly SystemDiff[] {
  const columns = [ID, { name: "project_id" }];
  return [
    system("db", {
      projects: { columns: [ID], rows: [[1]] },
      ...(tasks.length > 0 && { tasks: { columns, rows: tasks.map((task) => [task, 1]) } }),
    }),
  ];
}

/** What is known after these worlds, one after the other, ended without a row or an id. */
function after(...worlds: readonly (readonly SystemDiff[])[]): Knowledge {
  let knowledge = noKnowledge;
  for (const systems of [...worlds, []]) {
    knowledge = learn(knowledge, systems);
    ({ knowledge } = canonicalState({ systems, context: {}, knowledge }));
  }
  return knowledge;
}

test("states that are equal stay equal, whatever rows there were on the way", () => {
  // The id of the project is used again, and a task that is gone had the same number.
  const again = { systems: projects(), context: { ids: [1] } };

  const [short, long] = [after(projects()), after(projects(), projects(1))].map((knowledge) =>
    canonicalForm({ ...again, knowledge: learn(knowledge, again.systems) }),
  );

  expect(long).toBe(short);
});

test("what the state still mentions is remembered, although its row is gone", () => {
  const made = canonicalState({ systems: orders(added(7, 100)), context: {} });
  const gone = canonicalState({ systems: [], context: { orderId: 7 }, knowledge: made.knowledge });

  const [kept] = [...gone.knowledge.domains.values()];
  expect([...(kept?.made.keys() ?? [])]).toEqual([7]);
  expect(canonicalState({ systems: [], context: {}, knowledge: gone.knowledge }).knowledge).toEqual(
    { ...gone.knowledge, domains: new Map() },
  );
});

test("a state that mentions all it knows gives its knowledge back as it was", () => {
  const systems = orders(added(1, 100), added(2, 100));
  const knowledge = learn(noKnowledge, systems);

  expect(canonicalState({ systems, context: {}, knowledge }).knowledge).toBe(knowledge);
});
