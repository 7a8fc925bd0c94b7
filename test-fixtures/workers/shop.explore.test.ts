import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { beforeEach, expect } from "vitest";
import { http } from "vitest-explore/http";
import { sqlite } from "vitest-explore/sqlite";
import { always, createTest, sometimes } from "vitest-explore/test";

const test = createTest({
  db: sqlite(),
  api: http({
    command: "node server.js",
    env: ({ db }) => ({ DATABASE_PATH: db.path }),
    ready: "/health",
  }),
});

// Everybody who is about to explore, the one who reports included.
const workers = Number(process.env["WORKERS"] ?? 1);
const everybody = workers === 1 ? 1 : workers + 1;
beforeEach(() => {
  mkdirSync("here", { recursive: true });
  writeFileSync(`here/${process.pid}`, process.argv[1] ?? "");
});

async function meet(): Promise<void> {
  if (process.env["MEET"] !== "1" || existsSync("met")) return;
  await expect.poll(() => readdirSync("here").length, { timeout: 29_000 }).toBe(everybody);
  writeFileSync("met", "");
}

test.explore<{ orderId?: number }>("shop", {
  actions: {
    "create order": async ({ api, context, annotate }) => {
      await meet();
      const { body } = await api.post<{ id: number }>("/orders");
      context.orderId = body.id;
      console.log(`order ${body.id} is there`);
      annotate(`order ${body.id}`);
    },
    pay: {
      enabled: ({ context }) => context.orderId !== undefined,
      run: ({ api, context }) => api.post(`/orders/${context.orderId}/pay`),
    },
    refund: {
      enabled: ({ context }) => context.orderId !== undefined,
      run: async ({ api, context }) => {
        const { status } = await api.post(`/orders/${context.orderId}/refund`);
        console.error(`refund: ${status}`);
      },
    },
    cancel: {
      enabled: ({ context }) => context.orderId !== undefined,
      run: ({ api, context }) => api.post(`/orders/${context.orderId}/cancel`),
    },
  },
  invariants: {
    "an order is refunded once": always(
      async ({ db }) => (await db.query("SELECT 1 FROM orders WHERE refunded > 1")).length === 0,
    ),
    "an order can be cancelled": sometimes(
      async ({ db }) =>
        (await db.query("SELECT 1 FROM orders WHERE status = 'cancelled'")).length > 0,
    ),
  },
  depth: 4,
});

// A snapshot and a soft failure belong to the process that reports.
test.explore<{ orders: number }>("tools", {
  actions: {
    order: async ({ api, context }) => {
      await meet();
      await api.post("/orders");
      context.orders += 1;
    },
    look: async ({ api, context, expect }) => {
      const { status } = await api.get("/orders");
      expect({ status, orders: context.orders }).toMatchSnapshot();
    },
    count: ({ context, expect }) => {
      expect.soft(context.orders, "few orders").toBeLessThan(2);
    },
  },
  context: { orders: 0 },
  depth: 3,
});
