import { expect } from "vitest";
import { createTestOf, identity, invariants, type State } from "./points.ts";

const test = createTestOf("live");

/** Waits until the worker does: it writes after a job is done, too, and takes what a pause has held back. */
async function untilIdle({ store, context }: State): Promise<void> {
  const busy = ["bull:points:active", "bull:points:marker"];
  if (!context.paused) busy.push("bull:points:wait");
  await expect.poll(() => store.command("EXISTS", ...busy), { interval: 5, timeout: 4000 }).toBe(0);
}

test.explore("live", {
  actions: {
    pay: {
      enabled: ({ context }) => !context.paid,
      run: async (world) => {
        await world.api.post("/orders/7/pay");
        world.context.paid = true;
        await untilIdle(world);
      },
    },
    return: {
      enabled: ({ context }) => context.paid && context.returns < 2,
      run: async (world) => {
        await world.api.post("/orders/7/return");
        world.context.returns += 1;
        await untilIdle(world);
      },
    },
    pause: {
      enabled: ({ context }) => !context.paused,
      run: async ({ api, context }) => {
        await api.post("/queue/pause");
        context.paused = true;
      },
    },
    resume: {
      enabled: ({ context }) => context.paused,
      run: async (world) => {
        await world.api.post("/queue/resume");
        world.context.paused = false;
        await untilIdle(world);
      },
    },
  },
  invariants,
  identity,
  context: { paid: false, returns: 0, paused: false },
  depth: 4,
});
