import { expect, test } from "vitest";
import { mock, type MockHandle } from "../../../src/adapters/mock/index.ts";
import { connectWorld } from "../../../src/fixtures/connect-world.ts";
import { worldSubject } from "../../../src/fixtures/subject.ts";
import { createToy } from "../../support/toy-graph.ts";
import { runToy } from "../../support/toy-run.ts";
import { earn, spend } from "../../support/toy-wallet.ts";
import { provideNothing } from "../../support/provision/nothing.ts";

const tools = (): never => {
  throw new Error("not used");
};

test("a state that changed by itself ends the exploration before the next step", async () => {
  const { subject, world } = createToy("tree");
  let named = world.state;

  const exploring = runToy({
    subject: {
      ...subject,
      fingerprint: () => {
        named = world.state;
        return subject.fingerprint();
      },
      rollback: async (to) => {
        await subject.rollback(to);
        named = world.state;
      },
      assertSettled: () => {
        if (world.state !== named) throw new Error(`named ${named}, left as ${world.state}`);
      },
    },
    actions: [earn, spend],
    invariants: [
      {
        name: "somebody writes after the step",
        expectation: "always",
        holds: (wallet) => {
          if (wallet.state === 2) wallet.state = 1;
          return true;
        },
      },
    ],
  });

  await expect(exploring).rejects.toThrow("named 2, left as 1");
});

test("a world notices what was written after its state was named", async () => {
  const live = await connectWorld(
    { db: mock() },
    {
      slot: "test",
      root: "",
      createFolder: async () => ({ path: "", remove: async () => {} }),
      provide: provideNothing,
    },
  );
  const subject = worldSubject({ live, context: {}, fixtures: {}, tools, identity: undefined });
  const db = live.handles["db"] as MockHandle;
  const root = await subject.checkpoint();
  await subject.fingerprint();
  await subject.assertSettled?.();

  db.execute("INSERT INTO jobs VALUES (?)", [{ state: "archived" }]);

  await expect(subject.assertSettled?.()).rejects.toMatchObject({
    code: "EXPLORE_ROLLBACK_INCOMPLETE",
    message: expect.stringContaining("db: something was written after a step was over"),
  });
  await subject.rollback(root);
  await expect(subject.assertSettled?.()).resolves.toBeUndefined();
});
