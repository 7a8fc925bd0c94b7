import { createTestOf, identity, invariants } from "./points.ts";

const test = createTestOf("asked");

// The worker's turn is an action like any other, so every order of calls and jobs is run.
test.explore("asked", {
  actions: {
    pay: {
      enabled: ({ context }) => !context.paid,
      run: async ({ api, context }) => {
        await api.post("/orders/7/pay");
        context.paid = true;
      },
    },
    return: {
      enabled: ({ context }) => context.paid && context.returns < 2,
      run: async ({ api, context }) => {
        await api.post("/orders/7/return");
        context.returns += 1;
      },
    },
    "run a job": {
      enabled: async ({ store }) => (await store.command("LLEN", "bull:points:wait")) !== 0,
      run: ({ api }) => api.post("/jobs/next"),
    },
  },
  invariants,
  identity,
  context: { paid: false, returns: 0, paused: false },
  depth: 6,
});
