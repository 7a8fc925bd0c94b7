import { http } from "vitest-explore/http";
import { postgres } from "vitest-explore/postgres";
import { always, createTest, sometimes } from "vitest-explore/test";

const test = createTest({
  db: postgres({ schema: "schema.sql" }),
  api: http({
    command: "python3 server.py",
    env: ({ db }) => ({ DATABASE_URL: db.url }),
    ready: "/health",
  }),
});

test.explore("warehouse", {
  actions: {
    reserve: async ({ api, context }) => {
      const { status, body } = await api.post("/reserve");
      if (status === 200) context.reservationId = body.id;
    },
    ship: {
      enabled: ({ context }) => context.reservationId !== undefined,
      run: ({ api, context }) => api.post(`/ship/${context.reservationId}`),
    },
    cancel: {
      enabled: ({ context }) => context.reservationId !== undefined,
      run: ({ api, context }) => api.post(`/cancel/${context.reservationId}`),
    },
  },
  invariants: {
    "nothing appears out of nowhere": always(async ({ db }) => {
      const taken = "SELECT count(*) FROM reservations WHERE status <> 'cancelled'";
      return (await db.query(`SELECT 1 FROM products WHERE stock + (${taken}) = 2`)).length === 1;
    }),
    "the stock runs out": sometimes(
      async ({ db }) => (await db.query("SELECT 1 FROM products WHERE stock = 0")).length > 0,
    ),
  },
  depth: 3,
});
