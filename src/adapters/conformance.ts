import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ExploreError } from "../errors.ts";
import type { Adapter, Capabilities, Checkpoint, Observation } from "./adapter.ts";

/** A system made for one test, and what the suite does to it from outside. */
export interface ConformanceSubject {
  /** Connected, not opened: the suite opens it. */
  readonly adapter: Adapter;
  /** Changes the content, so that the next `diff` has `value` somewhere in an `after`. */
  readonly write: (value: string) => unknown;
  /** Commits the same through another connection or process. Needed when `scope` is `server`. */
  readonly writeElsewhere?: (value: string) => unknown;
  /** Adds a table, column or the like. Needed when `schema` is true. */
  readonly changeSchema?: () => unknown;
  /** Has the system generate a value and returns it. Needed when `counters` is true. */
  readonly nextCounter?: () => unknown;
  /** Runs after the adapter was disposed. */
  readonly cleanUp?: () => unknown;
}

/** What the suite needs to know of an adapter. */
export interface ConformanceOptions {
  /**
   * Written again, on purpose: the suite compares them with the adapter's own, so that a silent
   * change fails. They also decide which laws are tested.
   */
  readonly capabilities: Capabilities;
  /** Called once per test; each subject is isolated from all others. */
  readonly create: () => Promise<ConformanceSubject>;
}

/** Every law that a user of the {@link Adapter} contract relies on, as Vitest tests. */
export function describeAdapter(name: string, options: ConformanceOptions): void {
  const { capabilities, create } = options;
  const isTree = capabilities.history === "tree";
  let subject: ConformanceSubject;
  let adapter: Adapter;

  beforeEach(async () => {
    subject = await create();
    ({ adapter } = subject);
  });

  afterEach(async () => {
    await adapter[Symbol.asyncDispose]();
    await subject.cleanUp?.();
  });

  /** Writes and takes a checkpoint, with what is observed there. */
  async function step(value: string): Promise<{ at: Checkpoint; seen: Observation }> {
    await subject.write(value);
    return { at: await adapter.checkpoint(), seen: await adapter.observe() };
  }

  async function root(): Promise<{ at: Checkpoint; seen: Observation }> {
    await adapter.open();
    return { at: await adapter.checkpoint(), seen: await adapter.observe() };
  }

  describe(`${name}: the contract`, () => {
    test("has the capabilities it is said to have", async () => {
      const { mode, reason } = await adapter.open();

      expect(adapter.capabilities).toEqual(capabilities);
      expect(mode).not.toBe("");
      expect(reason).not.toBe("");
    });

    describe("rollback", () => {
      test("changes nothing when nothing was written", async () => {
        const { at, seen } = await root();

        await adapter.rollback(at);

        expect(await adapter.observe()).toEqual(seen);
      });

      test("one checkpoint serves many branches", async () => {
        const { at, seen } = await root();

        for (const branch of ["left", "middle", "right"]) {
          await subject.write(branch);
          expect(await adapter.observe(), `in branch ${branch}`).not.toEqual(seen);
          await adapter.rollback(at);
          expect(await adapter.observe(), `after branch ${branch}`).toEqual(seen);
        }
      });

      test("undoes many writes at once", async () => {
        const { at, seen } = await root();

        for (let index = 0; index < 20; index += 1) await subject.write(`value ${index}`);
        await adapter.rollback(at);

        expect(await adapter.observe()).toEqual(seen);
      });

      test("reaches every ancestor, nearest first", async () => {
        const first = await root();
        const second = await step("one");
        const third = await step("two");
        await subject.write("three");

        for (const { at, seen } of [third, second, first]) {
          await adapter.rollback(at);
          expect(await adapter.observe()).toEqual(seen);
        }
      });

      test("reaches an ancestor past another checkpoint", async () => {
        const { at, seen } = await root();
        await step("one");
        await step("two");

        await adapter.rollback(at);

        expect(await adapter.observe()).toEqual(seen);
      });

      test("two checkpoints of one state lead to it", async () => {
        const first = await root();
        const second = await adapter.checkpoint();
        await subject.write("one");

        await adapter.rollback(second);
        expect(await adapter.observe()).toEqual(first.seen);
        await subject.write("two");
        await adapter.rollback(first.at);
        expect(await adapter.observe()).toEqual(first.seen);
      });

      test("goes on from where it has led", async () => {
        const first = await root();
        await step("left");
        await adapter.rollback(first.at);
        const right = await step("right");
        await subject.write("far right");

        await adapter.rollback(right.at);

        expect(await adapter.observe()).toEqual(right.seen);
      });
    });

    describe.runIf(isTree)("[tree] history", () => {
      test("later checkpoints survive a rollback", async () => {
        const outer = await root();
        const inner = await step("x");

        await adapter.rollback(outer.at);
        await adapter.rollback(inner.at);

        expect(await adapter.observe()).toEqual(inner.seen);
      });

      test("every node of a tree is reached from every other", async () => {
        const nodes = [await root()];
        for (const [parent, value] of [
          [0, "a"],
          [1, "b"],
          [1, "c"],
          [0, "d"],
          [4, "e"],
          [3, "f"],
        ] as const) {
          await adapter.rollback((nodes[parent] ?? nodes[0] ?? (await root())).at);
          nodes.push(await step(value));
        }

        for (const from of nodes) {
          for (const to of nodes) {
            await adapter.rollback(from.at);
            await subject.write("noise");
            await adapter.rollback(to.at);
            expect(await adapter.observe(), `from ${from.at.id} to ${to.at.id}`).toEqual(to.seen);
          }
        }
      });

      test("a node is reached after those between were released", async () => {
        const first = await root();
        const second = await step("one");
        const third = await step("two");
        const fourth = await step("three");
        await adapter.rollback(first.at);

        await adapter.release(second.at);
        await adapter.rollback(fourth.at);
        expect(await adapter.observe()).toEqual(fourth.seen);
        await adapter.release(third.at);
        await adapter.rollback(first.at);
        await adapter.rollback(fourth.at);
        expect(await adapter.observe()).toEqual(fourth.seen);
      });
    });

    test.runIf(!isTree)("[stack] a rollback discards later checkpoints", async () => {
      const outer = await root();
      const inner = await step("x");

      await adapter.rollback(outer.at);

      await refuses(adapter.rollback(inner.at), "EXPLORE_CHECKPOINT_UNKNOWN");
      await adapter.rollback(outer.at);
      expect(await adapter.observe()).toEqual(outer.seen);
    });

    describe("release", () => {
      test("leaves the state and the other checkpoints alone", async () => {
        const first = await root();
        const second = await step("one");
        const third = await step("two");

        await adapter.release(second.at);

        expect(await adapter.observe()).toEqual(third.seen);
        await subject.write("three");
        await adapter.rollback(third.at);
        expect(await adapter.observe()).toEqual(third.seen);
        await adapter.rollback(first.at);
        expect(await adapter.observe()).toEqual(first.seen);
      });

      test("gives up the newest checkpoint and goes on", async () => {
        const first = await root();
        const second = await step("one");

        await adapter.release(second.at);
        const third = await step("two");
        await subject.write("three");
        await adapter.rollback(third.at);
        expect(await adapter.observe()).toEqual(third.seen);
        await adapter.rollback(first.at);
        expect(await adapter.observe()).toEqual(first.seen);
      });

      test("makes a checkpoint unknown to every verb", async () => {
        const { at } = await root();

        await adapter.release(at);

        await refuses(adapter.rollback(at), "EXPLORE_CHECKPOINT_UNKNOWN");
        await refuses(adapter.release(at), "EXPLORE_CHECKPOINT_UNKNOWN");
        await refuses(adapter.diff(at), "EXPLORE_CHECKPOINT_UNKNOWN");
      });
    });

    describe("diff", () => {
      test("is empty when nothing was written", async () => {
        const { at } = await root();

        expect(await adapter.diff(at)).toEqual([]);
      });

      test("tells what was written", async () => {
        const { at } = await root();

        await subject.write("needle");

        const changes = (await adapter.diff(at)).flatMap((it) => it.changes);
        expect(print(changes.map(({ after }) => after))).toContain("needle");
        expect(print(changes.map(({ before }) => before))).not.toContain("needle");
      });

      test("gives every row as many values as there are columns", async () => {
        const { at } = await root();

        await subject.write("needle");

        for (const { columns, changes } of await adapter.diff(at)) {
          expect(changes).not.toEqual([]);
          for (const { before, after } of changes) {
            for (const row of [before, after]) {
              if (row !== undefined) expect(row).toHaveLength(columns.length);
            }
          }
        }
      });

      test("is taken from the checkpoint that is given", async () => {
        const outer = await root();
        const inner = await step("first");
        await subject.write("second");

        const [sinceOuter, sinceInner] = [
          print(await adapter.diff(outer.at)),
          print((await adapter.diff(inner.at)).map((it) => it.changes.map(({ after }) => after))),
        ];

        expect(sinceOuter).toContain("first");
        expect(sinceOuter).toContain("second");
        expect(sinceInner).toContain("second");
      });

      test("is empty after a rollback", async () => {
        const { at } = await root();
        await subject.write("needle");

        await adapter.rollback(at);

        expect(await adapter.diff(at)).toEqual([]);
      });

      test("is net: what was undone in between is not told", async () => {
        const outer = await root();
        const inner = await adapter.checkpoint();
        await subject.write("undone");
        await adapter.rollback(inner);
        await subject.write("kept");

        const told = print(await adapter.diff(outer.at));

        expect(told).toContain("kept");
        expect(told).not.toContain("undone");
      });

      test("changes nothing", async () => {
        const { at } = await root();
        const { seen } = await step("one");

        await adapter.diff(at);

        expect(await adapter.observe()).toEqual(seen);
      });

      test.runIf(isTree)("[tree] is the same when a state is reached again", async () => {
        const first = await root();
        const second = await step("one");
        await subject.write("two");
        const third = await adapter.checkpoint();
        const told = await adapter.diff(first.at);

        await adapter.rollback(first.at);
        await adapter.rollback(second.at);
        await adapter.rollback(third);

        expect(await adapter.diff(first.at)).toEqual(told);
      });
    });

    describe("observe", () => {
      test("answers the same twice, and otherwise after a write", async () => {
        const { seen } = await root();

        expect(await adapter.observe()).toEqual(seen);
        await subject.write("x");
        expect(await adapter.observe()).not.toEqual(seen);
      });
    });

    describe.runIf(capabilities.scope === "server")("[server] scope", () => {
      const elsewhere = (value: string): unknown =>
        needed(subject.writeElsewhere, "writeElsewhere")(value);

      test("what another connection committed is undone", async () => {
        const { at, seen } = await root();

        await elsewhere("foreign");
        expect(await adapter.observe()).not.toEqual(seen);
        await adapter.rollback(at);

        expect(await adapter.observe()).toEqual(seen);
      });

      test("what another connection committed is told by diff", async () => {
        const { at } = await root();

        await elsewhere("foreign");

        expect(print(await adapter.diff(at))).toContain("foreign");
      });

      test("writes of both are undone in one rollback", async () => {
        const { at, seen } = await root();

        await subject.write("own");
        await elsewhere("foreign");
        await subject.write("own again");
        await adapter.rollback(at);

        expect(await adapter.observe()).toEqual(seen);
      });

      test.runIf(isTree)("[tree] another connection's write is reached again", async () => {
        const first = await root();
        await elsewhere("foreign");
        const second = await adapter.checkpoint();
        const seen = await adapter.observe();

        await adapter.rollback(first.at);
        await adapter.rollback(second);

        expect(await adapter.observe()).toEqual(seen);
      });
    });

    describe.runIf(capabilities.schema)("[schema]", () => {
      const change = (): unknown => needed(subject.changeSchema, "changeSchema")();

      test("a schema change is seen and undone", async () => {
        const { at, seen } = await root();

        await change();
        expect(await adapter.observe()).not.toEqual(seen);
        await adapter.rollback(at);

        expect(await adapter.observe()).toEqual(seen);
      });

      test("writes around a schema change are undone with it", async () => {
        const first = await root();
        const second = await step("before");
        await change();
        await subject.write("after");

        await adapter.rollback(second.at);
        expect(await adapter.observe()).toEqual(second.seen);
        await subject.write("again");
        await adapter.rollback(first.at);
        expect(await adapter.observe()).toEqual(first.seen);
      });

      test("a checkpoint after a schema change serves many branches", async () => {
        await root();
        await change();
        const { at, seen } = await step("one");

        for (const branch of ["left", "right"]) {
          await subject.write(branch);
          await adapter.rollback(at);
          expect(await adapter.observe()).toEqual(seen);
        }
      });

      test("diff tells a schema change from none", async () => {
        const { at } = await root();

        await change();

        expect(await adapter.diff(at)).not.toEqual([]);
      });

      test.runIf(isTree)("[tree] checkpoints on both sides are reached", async () => {
        const first = await root();
        const before = await step("before");
        await change();
        const changed = await step("after");
        const last = await step("later");

        for (const { at, seen } of [before, last, first, changed, before, last]) {
          await adapter.rollback(at);
          expect(await adapter.observe()).toEqual(seen);
        }
      });
    });

    test.runIf(capabilities.counters)("[counters] a branch generates the same values", async () => {
      const next = needed(subject.nextCounter, "nextCounter");
      const { at } = await root();

      const first = await next();
      const second = await next();
      await adapter.rollback(at);

      expect(second).not.toEqual(first);
      expect(await next()).toEqual(first);
      expect(await next()).toEqual(second);
    });

    describe("lifecycle", () => {
      test("a checkpoint of nobody is unknown", async () => {
        await adapter.open();

        await refuses(adapter.rollback({ id: 4711 }), "EXPLORE_CHECKPOINT_UNKNOWN");
      });

      test("no verb works before open", async () => {
        const checkpoint = { id: 0 };

        await refuses(adapter.checkpoint(), "EXPLORE_BUG");
        await refuses(adapter.rollback(checkpoint), "EXPLORE_BUG");
        await refuses(adapter.release(checkpoint), "EXPLORE_BUG");
        await refuses(adapter.observe(), "EXPLORE_BUG");
        await refuses(adapter.diff(checkpoint), "EXPLORE_BUG");
        expect(() => adapter.capabilities).toThrow(ExploreError);
      });

      test("open works once", async () => {
        await adapter.open();

        await refuses(adapter.open(), "EXPLORE_BUG");
      });

      test("disposal works at any moment, also twice, and ends everything", async () => {
        const { at } = await root();
        await subject.write("x");

        await adapter[Symbol.asyncDispose]();
        await adapter[Symbol.asyncDispose]();

        await refuses(adapter.checkpoint(), "EXPLORE_BUG");
        await refuses(adapter.rollback(at), "EXPLORE_BUG");
      });

      test("disposal works before open", async () => {
        await adapter[Symbol.asyncDispose]();

        await refuses(adapter.open(), "EXPLORE_BUG");
      });
    });
  });
}

async function refuses(promise: Promise<unknown>, code: string): Promise<void> {
  await expect(promise).rejects.toMatchObject({ code });
}

/** A capability without a way to test it is a claim without proof. */
function needed<T>(hook: T | undefined, name: string): T {
  if (hook !== undefined) return hook;
  throw new ExploreError("EXPLORE_USAGE", `describeAdapter: this capability needs \`${name}\`.`);
}

function print(value: unknown): string {
  return JSON.stringify(value, (_key, it: unknown) => (typeof it === "bigint" ? `${it}n` : it));
}
