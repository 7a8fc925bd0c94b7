import { describe, expect, test } from "vitest";
import { ExploreError } from "../../errors.ts";
import type { Session } from "./session.ts";

/** When an adapter can be used. */
export function lifecycleLaws(session: Session): void {
  describe("lifecycle", () => {
    test("a checkpoint of nobody is unknown", async () => {
      await session.adapter().open();

      await expect(session.adapter().rollback({ id: 4711 })).rejects.toMatchObject({
        code: "EXPLORE_CHECKPOINT_UNKNOWN",
      });
    });

    test("no verb works before open", async () => {
      const checkpoint = { id: 0 };

      await expect(session.adapter().checkpoint()).rejects.toMatchObject({ code: "EXPLORE_BUG" });
      await expect(session.adapter().rollback(checkpoint)).rejects.toMatchObject({
        code: "EXPLORE_BUG",
      });
      await expect(session.adapter().release(checkpoint)).rejects.toMatchObject({
        code: "EXPLORE_BUG",
      });
      await expect(session.adapter().observe()).rejects.toMatchObject({ code: "EXPLORE_BUG" });
      await expect(session.adapter().diff(checkpoint)).rejects.toMatchObject({
        code: "EXPLORE_BUG",
      });
      expect(() => session.adapter().capabilities).toThrow(ExploreError);
    });

    test("open works once", async () => {
      await session.adapter().open();

      await expect(session.adapter().open()).rejects.toMatchObject({ code: "EXPLORE_BUG" });
    });

    test("disposal works at any moment, also twice, and ends everything", async () => {
      const { at } = await session.root();
      await session.subject().write("x");

      await session.adapter()[Symbol.asyncDispose]();
      await session.adapter()[Symbol.asyncDispose]();

      await expect(session.adapter().checkpoint()).rejects.toMatchObject({ code: "EXPLORE_BUG" });
      await expect(session.adapter().rollback(at)).rejects.toMatchObject({ code: "EXPLORE_BUG" });
    });

    test("disposal works before open", async () => {
      await session.adapter()[Symbol.asyncDispose]();

      await expect(session.adapter().open()).rejects.toMatchObject({ code: "EXPLORE_BUG" });
    });
  });
}
