import { describe, expect, test } from "vitest";
import type { Capabilities } from "../adapter.ts";
import type { Session } from "./session.ts";
import { print } from "./session.ts";

/** What every user of `diff` and `observe` relies on. */
export function diffLaws(session: Session, { history }: Capabilities): void {
  const isTree = history === "tree";

  describe("diff", () => {
    test("is empty when nothing was written", async () => {
      const { at } = await session.root();

      expect(await session.adapter().diff(at)).toEqual([]);
    });

    test("tells what was written", async () => {
      const { at } = await session.root();

      await session.subject().write("needle");

      const changes = (await session.adapter().diff(at)).flatMap((it) => it.changes);
      expect(print(changes.map(({ after }) => after))).toContain("needle");
      expect(print(changes.map(({ before }) => before))).not.toContain("needle");
    });

    test("observe tells every text that it reads", async () => {
      await session.root();
      await session.subject().write("needle");
      const texts = new Set<string>();

      await session.adapter().observe((text) => texts.add(text));

      expect([...texts]).toContainEqual(expect.stringContaining("needle"));
    });

    test("gives every row as many values as there are columns", async () => {
      const { at } = await session.root();

      await session.subject().write("needle");

      const told = await session.adapter().diff(at);
      expect(told).not.toEqual([]);
      for (const { columns, changes } of told) {
        const rows = changes.flatMap(({ before, after }) => [before ?? [], after ?? []]);
        const widths = new Set(rows.map((row) => row.length).filter((width) => width > 0));
        expect([...widths]).toEqual([columns.length]);
      }
    });

    test("is taken from the checkpoint that is given", async () => {
      const outer = await session.root();
      const inner = await session.step("first");
      await session.subject().write("second");

      const [sinceOuter, sinceInner] = [
        print(await session.adapter().diff(outer.at)),
        print(
          (await session.adapter().diff(inner.at)).map((it) =>
            it.changes.map(({ after }) => after),
          ),
        ),
      ];

      expect(sinceOuter).toContain("first");
      expect(sinceOuter).toContain("second");
      expect(sinceInner).toContain("second");
    });

    test("is empty after a rollback", async () => {
      const { at } = await session.root();
      await session.subject().write("needle");

      await session.adapter().rollback(at);

      expect(await session.adapter().diff(at)).toEqual([]);
    });

    test("is net: what was undone in between is not told", async () => {
      const outer = await session.root();
      const inner = await session.adapter().checkpoint();
      await session.subject().write("undone");
      await session.adapter().rollback(inner);
      await session.subject().write("kept");

      const told = print(await session.adapter().diff(outer.at));

      expect(told).toContain("kept");
      expect(told).not.toContain("undone");
    });

    test("changes nothing", async () => {
      const { at } = await session.root();
      const { seen } = await session.step("one");

      await session.adapter().diff(at);

      expect(await session.adapter().observe()).toEqual(seen);
    });

    test.runIf(isTree)("[tree] is the same when a state is reached again", async () => {
      const first = await session.root();
      const second = await session.step("one");
      await session.subject().write("two");
      const third = await session.adapter().checkpoint();
      const told = await session.adapter().diff(first.at);

      await session.adapter().rollback(first.at);
      await session.adapter().rollback(second.at);
      await session.adapter().rollback(third);

      expect(await session.adapter().diff(first.at)).toEqual(told);
    });
  });

  describe("observe", () => {
    test("answers the same twice, and otherwise after a write", async () => {
      const { seen } = await session.root();

      expect(await session.adapter().observe()).toEqual(seen);
      await session.subject().write("x");
      expect(await session.adapter().observe()).not.toEqual(seen);
    });
  });
}
