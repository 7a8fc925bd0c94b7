import { always, createTest, sometimes } from "vitest-explore/test";
import { mock } from "vitest-explore/mock";

const test = createTest({ db: mock({ initialState: { log: [] } }) });

const note = ({ db }: { db: { execute: (sql: string, params: unknown[]) => number } }): void =>
  void db.execute("INSERT INTO log VALUES (?)", [{ what: "note" }]);

test.explore("an action that throws", {
  actions: {
    note,
    crash: ({ db }) => {
      if (db.query("log").length === 1) throw new Error("one is too few");
    },
  },
  depth: 2,
});

test.explore("a rule without a witness", {
  actions: { note },
  invariants: { "three notes": sometimes(({ db }) => db.query("log").length === 3) },
  depth: 2,
});

test.explore("a rule without a witness when the budget ended first", {
  actions: { note },
  invariants: { "three notes": sometimes(({ db }) => db.query("log").length === 3) },
  maxTransitions: 1,
});

test.explore("an action that is never enabled", {
  actions: { note, never: { enabled: () => false, run: () => {} } },
  depth: 1,
});

test.explore("a rule that fails in the initial state", {
  actions: { note },
  invariants: { "there is a note": always(({ db }) => db.query("log").length > 0) },
});

test.explore("a state of the user's own making", {
  actions: { note },
  identity: ({ db }) => Math.min(db.query("log").length, 1),
  depth: 5,
});

let calls = 0;
test.explore("an app that is not a function of its actions", {
  actions: { note },
  invariants: {
    "holds but once": always(() => {
      calls += 1;
      return calls !== 2;
    }),
  },
  depth: 1,
});
