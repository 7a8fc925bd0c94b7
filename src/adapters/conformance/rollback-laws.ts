import { describe, expect, test } from "vitest";
import type { Capabilities } from "../adapter.ts";
import type { Session } from "./session.ts";

/** What every user of `rollback` and `release` relies on. */
export function rollbackLaws(session: Session, { history }: Capabilities): void {
  const isTree = history === "tree";

  describe("rollback", () => {
    test("changes nothing when nothing was written", async () => {
      const { at, seen } = await session.root();

      await session.adapter().rollback(at);

      expect(await session.adapter().observe()).toEqual(seen);
    });

    test("one checkpoint serves many branches", async () => {
      const { at, seen } = await session.root();

      for (const branch of ["left", "middle", "right"]) {
        await session.subject().write(branch);
        expect(await session.adapter().observe(), `in branch ${branch}`).not.toEqual(seen);
        await session.adapter().rollback(at);
        expect(await session.adapter().observe(), `after branch ${branch}`).toEqual(seen);
      }
    });

    test("undoes many writes at once", async () => {
      const { at, seen } = await session.root();

      for (let index = 0; index < 20; index += 1) await session.subject().write(`value ${index}`);
      await session.adapter().rollback(at);

      expect(await session.adapter().observe()).toEqual(seen);
    });

    test("reaches every ancestor, nearest first", async () => {
      const first = await session.root();
      const second = await session.step("one");
      const third = await session.step("two");
      await session.subject().write("three");

      for (const { at, seen } of [third, second, first]) {
        await session.adapter().rollback(at);
        expect(await session.adapter().observe()).toEqual(seen);
      }
    });

    test("reaches an ancestor past another checkpoint", async () => {
      const { at, seen } = await session.root();
      await session.step("one");
      await session.step("two");

      await session.adapter().rollback(at);

      expect(await session.adapter().observe()).toEqual(seen);
    });

    test("two checkpoints of one state lead to it", async () => {
      const first = await session.root();
      const second = await session.adapter().checkpoint();
      await session.subject().write("one");

      await session.adapter().rollback(second);
      expect(await session.adapter().observe()).toEqual(first.seen);
      await session.subject().write("two");
      await session.adapter().rollback(first.at);
      expect(await session.adapter().observe()).toEqual(first.seen);
    });

    test("goes on from where it has led", async () => {
      const first = await session.root();
      await session.step("left");
      await session.adapter().rollback(first.at);
      const right = await session.step("right");
      await session.subject().write("far right");

      await session.adapter().rollback(right.at);

      expect(await session.adapter().observe()).toEqual(right.seen);
    });
  });

  describe.runIf(isTree)("[tree] history", () => {
    test("later checkpoints survive a rollback", async () => {
      const outer = await session.root();
      const inner = await session.step("x");

      await session.adapter().rollback(outer.at);
      await session.adapter().rollback(inner.at);

      expect(await session.adapter().observe()).toEqual(inner.seen);
    });

    test("every node of a tree is reached from every other", async () => {
      const nodes = [await session.root()];
      for (const [parent, value] of [
        [0, "a"],
        [1, "b"],
        [1, "c"],
        [0, "d"],
        [4, "e"],
        [3, "f"],
      ] as const) {
        await session.adapter().rollback((nodes[parent] ?? nodes[0] ?? (await session.root())).at);
        nodes.push(await session.step(value));
      }

      for (const from of nodes) {
        for (const to of nodes) {
          await session.adapter().rollback(from.at);
          await session.subject().write("noise");
          await session.adapter().rollback(to.at);
          expect(await session.adapter().observe(), `from ${from.at.id} to ${to.at.id}`).toEqual(
            to.seen,
          );
        }
      }
    });

    test("a node is reached after those between were released", async () => {
      const first = await session.root();
      const second = await session.step("one");
      const third = await session.step("two");
      const fourth = await session.step("three");
      await session.adapter().rollback(first.at);

      await session.adapter().release(second.at);
      await session.adapter().rollback(fourth.at);
      expect(await session.adapter().observe()).toEqual(fourth.seen);
      await session.adapter().release(third.at);
      await session.adapter().rollback(first.at);
      await session.adapter().rollback(fourth.at);
      expect(await session.adapter().observe()).toEqual(fourth.seen);
    });
  });

  test.runIf(!isTree)("[stack] a rollback discards later checkpoints", async () => {
    const outer = await session.root();
    const inner = await session.step("x");

    await session.adapter().rollback(outer.at);

    await expect(session.adapter().rollback(inner.at)).rejects.toMatchObject({
      code: "EXPLORE_CHECKPOINT_UNKNOWN",
    });
    await session.adapter().rollback(outer.at);
    expect(await session.adapter().observe()).toEqual(outer.seen);
  });

  describe("release", () => {
    test("leaves the state and the other checkpoints alone", async () => {
      const first = await session.root();
      const second = await session.step("one");
      const third = await session.step("two");

      await session.adapter().release(second.at);

      expect(await session.adapter().observe()).toEqual(third.seen);
      await session.subject().write("three");
      await session.adapter().rollback(third.at);
      expect(await session.adapter().observe()).toEqual(third.seen);
      await session.adapter().rollback(first.at);
      expect(await session.adapter().observe()).toEqual(first.seen);
    });

    test("gives up the newest checkpoint and goes on", async () => {
      const first = await session.root();
      const second = await session.step("one");

      await session.adapter().release(second.at);
      const third = await session.step("two");
      await session.subject().write("three");
      await session.adapter().rollback(third.at);
      expect(await session.adapter().observe()).toEqual(third.seen);
      await session.adapter().rollback(first.at);
      expect(await session.adapter().observe()).toEqual(first.seen);
    });

    test("makes a checkpoint unknown to every verb", async () => {
      const { at } = await session.root();

      await session.adapter().release(at);

      await expect(session.adapter().rollback(at)).rejects.toMatchObject({
        code: "EXPLORE_CHECKPOINT_UNKNOWN",
      });
      await expect(session.adapter().release(at)).rejects.toMatchObject({
        code: "EXPLORE_CHECKPOINT_UNKNOWN",
      });
      await expect(session.adapter().diff(at)).rejects.toMatchObject({
        code: "EXPLORE_CHECKPOINT_UNKNOWN",
      });
    });
  });
}
