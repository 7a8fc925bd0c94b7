import { always, createTest } from "vitest-explore/test";
import { http, type HttpClient } from "vitest-explore/http";
import { sqlite, type SqliteHandle } from "vitest-explore/sqlite";

const test = createTest({
  db: sqlite(),
  api: http({
    command: "node server.js",
    env: ({ db }: { db: SqliteHandle }) => ({ DATABASE_PATH: db.path }),
    ready: "/health",
    headers: { authorization: "Bearer swordfish-swordfish" },
  }),
});

interface Context {
  readonly id?: string;
}

interface Args {
  readonly api: HttpClient;
  context: { id?: string };
}

const join = {
  enabled: ({ context }: Args) => context.id === undefined,
  run: async ({ api, context }: Args) => {
    const { body } = await api.post<{ id: string }>("/members", {
      name: "ann",
      password: "correct horse battery",
      iban: "DE02120300000000202051",
    });
    context.id = body.id;
  },
};
const joined = ({ context }: Args): boolean => context.id !== undefined;

test.explore<Context>("a response that is not expected", {
  actions: {
    join,
    earn: { enabled: joined, run: ({ api, context }) => api.post(`/members/${context.id}/earn`) },
    spend: {
      enabled: joined,
      run: async ({ api, context }) => {
        const response = await api.post(`/members/${context.id}/spend`);
        response.expectStatus(200);
      },
    },
  },
  depth: 3,
  secrets: ["iban"],
});

test.explore<Context>("an action that throws", {
  actions: {
    join,
    look: {
      enabled: joined,
      run: async ({ api, context }) => {
        const { body } = await api.get(`/members/${context.id}`);
        if (body["points"] === 0) throw new Error("nobody has no points");
      },
    },
  },
  depth: 2,
  secrets: ["iban"],
});

test.explore<Context>("expect in a rule", {
  actions: { join },
  invariants: {
    "members have names of three letters": always(async ({ db, expect }) => {
      const names = await db.query("SELECT name, points FROM members");
      expect(names).toEqual(names.map(({ name }) => ({ name, points: 3 })));
      return true;
    }),
  },
  depth: 1,
  secrets: ["iban"],
});

test.explore<Context>("a rule that asks the app", {
  actions: { join },
  invariants: {
    "members have points": always(async ({ api, context }) => {
      if (context.id === undefined) return true;
      const { body } = await api.get(`/members/${context.id}`);
      return Number(body["points"]) > 0;
    }),
  },
  depth: 1,
  secrets: ["iban"],
});
