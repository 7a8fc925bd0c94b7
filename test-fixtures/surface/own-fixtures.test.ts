import { expect, test as vitestTest } from "vitest";
import { always, createTest, withExplore } from "vitest-explore/test";
import { mock } from "vitest-explore/mock";

const systems = { db: mock({ initialState: { users: [] } }) };

const withUser = withExplore(
  vitestTest.extend("user", () => ({ name: "Ada" })),
  systems,
);

withUser.explore("a test that the user extended before", {
  actions: {
    register: ({ db, user }) => db.execute("INSERT INTO users VALUES (?)", [{ name: user.name }]),
  },
  invariants: {
    "only Ada registers": always(({ db }) => db.query("users").every(({ name }) => name === "Ada")),
  },
  depth: 2,
});

const extended = createTest(systems).extend("user", ({ world }) => ({
  name: "Ada",
  known: world.db.query("users").length,
}));

extended.explore("a test that the user extended after", {
  actions: {
    register: async ({ db, user, expect }) => {
      expect(user.known).toBe(0);
      db.execute("INSERT INTO users VALUES (?)", [{ name: user.name }]);
    },
  },
  depth: 1,
});

const log: string[] = [];

extended.explore("hooks around each branch", {
  actions: { register: ({ db }) => db.execute("INSERT INTO users VALUES (?)", [{ name: "Ada" }]) },
  beforeBranch: ({ context, user }) =>
    void log.push(`before ${user.name} ${Object.keys(context).length}`),
  afterBranch: () => void log.push("after"),
  depth: 2,
});

vitestTest("hooks ran around each branch", () => {
  expect(log).toEqual(["before Ada 0", "after", "before Ada 0", "after"]);
});
