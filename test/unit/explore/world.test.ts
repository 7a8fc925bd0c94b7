import { describe, expect, test } from "vitest";
import { type Adapter, type Observation } from "../../../src/adapters/adapter.ts";
import { defineAdapter } from "../../../src/adapters/define-adapter.ts";
import { openWorld } from "../../../src/explore/world.ts";

/** A system that is one number; `leak` survives every rollback, as a write nobody logs does. */
interface Counter {
  readonly adapter: Adapter;
  value: number;
  leak: number;
  failNext: "restore" | "save" | "close" | "forget" | undefined;
}

function counter(name: string, log: string[] = []): Counter {
  const state: { value: number; leak: number; failNext: Counter["failNext"] } = {
    value: 0,
    leak: 0,
    failNext: undefined,
  };
  const failing = (verb: string): void => {
    log.push(`${name}.${verb}`);
    if (state.failNext !== verb) return;
    state.failNext = undefined;
    throw new Error(`injected at ${name}.${verb}`);
  };
  const observe = (): Observation => ({
    number: { size: 1, digest: String(state.value + state.leak) },
  });
  const adapter = defineAdapter<number>(name, {
    open: () => ({
      isolation: { mode: "copy", reason: "it is a toy", notRestored: [] },
      capabilities: { history: "tree", scope: "server", schema: true, counters: true },
    }),
    save: () => {
      failing("save");
      return state.value;
    },
    restore: (saved) => {
      failing("restore");
      state.value = saved;
    },
    forget: () => failing("forget"),
    observe,
    diff: (since) =>
      since === state.value
        ? []
        : [
            {
              collection: "number",
              columns: [{ name: "value" }],
              changes: [{ before: [since], after: [state.value] }],
            },
          ],
    close: () => failing("close"),
  });
  return Object.assign(state, { adapter });
}

describe("several systems as one", () => {
  test("are rolled back together with the context", async () => {
    const [left, right] = [counter("left"), counter("right")];
    const world = await openWorld([left.adapter, right.adapter]);
    world.context = { cart: [1] };
    const mark = await world.checkpoint();

    [left.value, right.value] = [1, 2];
    (world.context["cart"] as number[]).push(2);
    await world.rollback(mark);

    expect([left.value, right.value, world.context]).toEqual([0, 0, { cart: [1] }]);
    (world.context["cart"] as number[]).push(3);
    await world.rollback(mark);
    expect(world.context).toEqual({ cart: [1] });
  });

  test("are marked all or none", async () => {
    const log: string[] = [];
    const [left, right] = [counter("left", log), counter("right", log)];
    const world = await openWorld([left.adapter, right.adapter]);
    log.length = 0;

    right.failNext = "save";
    await expect(world.checkpoint()).rejects.toMatchObject({ code: "EXPLORE_ADAPTER_FAILED" });

    expect(log).toEqual(["left.save", "right.save", "left.forget"]);
  });

  test("are unusable together once a rollback has failed half-way", async () => {
    const [left, right] = [counter("left"), counter("right")];
    const world = await openWorld([left.adapter, right.adapter]);
    [left.value, right.value] = [1, 1];

    right.failNext = "restore";
    await expect(world.rollback(world.root)).rejects.toThrow("injected at right.restore");

    await expect(world.rollback(world.root)).rejects.toMatchObject({
      code: "EXPLORE_WORLD_UNUSABLE",
      cause: { code: "EXPLORE_ADAPTER_FAILED" },
    });
    await expect(world.checkpoint()).rejects.toMatchObject({ code: "EXPLORE_WORLD_UNUSABLE" });
    expect(world.unusable).toMatchObject({ code: "EXPLORE_ADAPTER_FAILED" });
  });

  test("stay usable when the checkpoint was released, since none was moved", async () => {
    const [left, right] = [counter("left"), counter("right")];
    const world = await openWorld([left.adapter, right.adapter]);
    const mark = await world.checkpoint();
    await world.release(mark);
    [left.value, right.value] = [1, 1];

    await expect(world.rollback(mark)).rejects.toMatchObject({
      code: "EXPLORE_CHECKPOINT_UNKNOWN",
    });

    expect([left.value, right.value]).toEqual([1, 1]);
    await world.rollback(world.root);
    expect([left.value, right.value]).toEqual([0, 0]);
  });

  test("are all released although one cannot be", async () => {
    const log: string[] = [];
    const [left, right] = [counter("left", log), counter("right", log)];
    const world = await openWorld([left.adapter, right.adapter]);
    const mark = await world.checkpoint();
    log.length = 0;

    left.failNext = "forget";
    await expect(world.release(mark)).rejects.toThrow("injected at left.forget");

    expect(log).toEqual(["left.forget", "right.forget"]);
  });

  test("are closed when one cannot be opened, and its failure is the one that is told", async () => {
    const log: string[] = [];
    const [left, right] = [counter("left", log), counter("right", log)];
    right.failNext = "save";
    left.failNext = "close";

    await expect(openWorld([left.adapter, right.adapter])).rejects.toThrow(
      "injected at right.save",
    );

    expect(log.slice(-2)).toEqual(["right.close", "left.close"]);
  });

  test("are all closed, last first, although one cannot be", async () => {
    const log: string[] = [];
    const [left, right] = [counter("left", log), counter("right", log)];
    const world = await openWorld([left.adapter, right.adapter]);
    log.length = 0;

    right.failNext = "close";
    await expect(world[Symbol.asyncDispose]()).rejects.toThrow("injected at right.close");

    expect(log).toEqual(["right.close", "left.close"]);
  });
});

describe("the self-check", () => {
  test("catches a write that rollback does not see, and names it", async () => {
    const db = counter("db");
    const world = await openWorld([db.adapter]);

    db.value = 1;
    db.leak = 1;
    const failure: unknown = await world.rollback(world.root).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: "EXPLORE_ROLLBACK_INCOMPLETE" });
    expect((failure as Error).message).toMatchInlineSnapshot(`
      "db: rollback did not restore the state.
        at the checkpoint: number has 1 row (digest 0)
        after rollback:    number has 1 row (digest 1)
      Nothing that was found in this run can be trusted. Usual causes: the app writes after it has answered (a background job, a timer), a second app uses the same database, or the app removed the triggers that log its writes.
      Stop the other writer or wait for the job inside the action, or choose another \`isolation\`."
    `);
  });

  test("compares differences that hold integers beyond 2^53", async () => {
    const db = counter("db");
    const columns = [{ name: "value" }];
    const adapter = Object.assign(Object.create(db.adapter) as Adapter, {
      observe: () => Promise.resolve({}),
      diff: () => {
        const after = [2n ** 60n + BigInt(db.leak)];
        return Promise.resolve([{ collection: "number", columns, changes: [{ after }] }]);
      },
    });
    const world = await openWorld([adapter]);
    const mark = await world.checkpoint();

    await world.rollback(mark);
    db.leak = 1;

    await expect(world.rollback(mark)).rejects.toThrow(/1152921504606846976n.*\n.*6977n/);
  });

  test("reads the whole content when the world is reset, however many rollbacks came before", async () => {
    const db = counter("db");
    const world = await openWorld([db.adapter]);
    for (let round = 0; round < 2000; round += 1) {
      db.value += 1;
      await world.rollback(world.root);
    }

    db.leak = 1;

    await expect(world.reset()).rejects.toMatchObject({ code: "EXPLORE_ROLLBACK_INCOMPLETE" });
  });
});
