import * as fc from "fast-check";
import { action, always, createTest } from "vitest-explore/test";
import { http } from "vitest-explore/http";
import { sqlite } from "vitest-explore/sqlite";

const test = createTest({
  db: sqlite(),
  api: http({
    command: "node server.js",
    env: ({ db }) => ({ DATABASE_PATH: db.path }),
    ready: "/health",
  }),
});

const money = fc.record({ amount: fc.integer({ min: 1, max: 1000 }), note: fc.string() });

test.explore<{ wallet?: number }>("wallet", {
  actions: {
    open: {
      enabled: ({ context }) => context.wallet === undefined,
      run: async ({ api, context }) => {
        const { body } = await api.post("/wallets");
        context.wallet = Number(body.id);
      },
    },
    deposit: action.given(
      money,
      ({ api, context, input }) => api.post(`/wallets/${context.wallet}/deposits`, input),
      { enabled: ({ context }) => context.wallet !== undefined, samples: 2 },
    ),
    withdraw: action.given(
      money,
      ({ api, context, input }) => api.post(`/wallets/${context.wallet}/withdrawals`, input),
      { enabled: ({ context }) => context.wallet !== undefined },
    ),
  },
  invariants: {
    "no balance is negative": always(
      async ({ db }) => (await db.query("SELECT 1 FROM wallets WHERE balance < 0")).length === 0,
    ),
  },
  depth: 3,
  seed: 5,
});
