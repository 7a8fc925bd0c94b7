import { describe, expect, test } from "vitest";
import type { Capabilities } from "../adapter.ts";
import type { Session } from "./session.ts";
import { needed, print } from "./session.ts";

/** How far rollback reaches: foreign writes, schema and counters. */
export function reachLaws(
  session: Session,
  { history, scope, schema, counters }: Capabilities,
): void {
  const isTree = history === "tree";

  describe.runIf(scope === "server")("[server] scope", () => {
    test("what another connection committed is undone", async () => {
      const { at, seen } = await session.root();

      await writeElsewhere(session, "foreign");
      expect(await session.adapter().observe()).not.toEqual(seen);
      await session.adapter().rollback(at);

      expect(await session.adapter().observe()).toEqual(seen);
    });

    test("what another connection committed is told by diff", async () => {
      const { at } = await session.root();

      await writeElsewhere(session, "foreign");

      expect(print(await session.adapter().diff(at))).toContain("foreign");
    });

    test("writes of both are undone in one rollback", async () => {
      const { at, seen } = await session.root();

      await session.subject().write("own");
      await writeElsewhere(session, "foreign");
      await session.subject().write("own again");
      await session.adapter().rollback(at);

      expect(await session.adapter().observe()).toEqual(seen);
    });

    test.runIf(isTree)("[tree] another connection's write is reached again", async () => {
      const first = await session.root();
      await writeElsewhere(session, "foreign");
      const second = await session.adapter().checkpoint();
      const seen = await session.adapter().observe();

      await session.adapter().rollback(first.at);
      await session.adapter().rollback(second);

      expect(await session.adapter().observe()).toEqual(seen);
    });
  });

  describe.runIf(schema)("[schema]", () => {
    test("a schema change is seen and undone", async () => {
      const { at, seen } = await session.root();

      await changeSchema(session);
      expect(await session.adapter().observe()).not.toEqual(seen);
      await session.adapter().rollback(at);

      expect(await session.adapter().observe()).toEqual(seen);
    });

    test("writes around a schema change are undone with it", async () => {
      const first = await session.root();
      const second = await session.step("before");
      await changeSchema(session);
      await session.subject().write("after");

      await session.adapter().rollback(second.at);
      expect(await session.adapter().observe()).toEqual(second.seen);
      await session.subject().write("again");
      await session.adapter().rollback(first.at);
      expect(await session.adapter().observe()).toEqual(first.seen);
    });

    test("a checkpoint after a schema change serves many branches", async () => {
      await session.root();
      await changeSchema(session);
      const { at, seen } = await session.step("one");

      for (const branch of ["left", "right"]) {
        await session.subject().write(branch);
        await session.adapter().rollback(at);
        expect(await session.adapter().observe()).toEqual(seen);
      }
    });

    test("diff tells a schema change from none", async () => {
      const { at } = await session.root();

      await changeSchema(session);

      expect(await session.adapter().diff(at)).not.toEqual([]);
    });

    test.runIf(isTree)("[tree] checkpoints on both sides are reached", async () => {
      const first = await session.root();
      const before = await session.step("before");
      await changeSchema(session);
      const changed = await session.step("after");
      const last = await session.step("later");

      for (const { at, seen } of [before, last, first, changed, before, last]) {
        await session.adapter().rollback(at);
        expect(await session.adapter().observe()).toEqual(seen);
      }
    });
  });

  test.runIf(counters)("[counters] a branch generates the same values", async () => {
    const next = needed(session.subject().nextCounter, "nextCounter");
    const { at } = await session.root();

    const first = await next();
    const second = await next();
    await session.adapter().rollback(at);

    expect(second).not.toEqual(first);
    expect(await next()).toEqual(first);
    expect(await next()).toEqual(second);
  });
}

async function writeElsewhere(session: Session, value: string): Promise<void> {
  await needed(session.subject().writeElsewhere, "writeElsewhere")(value);
}

async function changeSchema(session: Session): Promise<void> {
  await needed(session.subject().changeSchema, "changeSchema")();
}
