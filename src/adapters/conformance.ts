import { describe, expect, test } from "vitest";
import { diffLaws } from "./conformance/diff-laws.ts";
import { lifecycleLaws } from "./conformance/lifecycle-laws.ts";
import { reachLaws } from "./conformance/reach-laws.ts";
import { rollbackLaws } from "./conformance/rollback-laws.ts";
import type { ConformanceOptions } from "./conformance/session.ts";
import { createSession } from "./conformance/session.ts";

export type { ConformanceOptions, ConformanceSubject } from "./conformance/session.ts";

/**
 * Declares Vitest tests for every law that a user of the `Adapter` contract relies on. What an
 * adapter cannot do is skipped by its own declaration, visibly: `[tree]`, `[server]`, `[schema]`.
 *
 * @param name - The backend, and what is special about this one: `sqlite undo, WAL`.
 * @example
 * describeAdapter("mock", {
 *   capabilities: { history: "tree", scope: "process", schema: false, counters: false },
 *   create: async () => ({ adapter, write: (value) => store.add(value) }),
 * });
 */
export function describeAdapter(name: string, options: ConformanceOptions): void {
  const { capabilities } = options;
  describe(`${name}: the contract`, () => {
    const session = createSession(options);

    test("has the capabilities it is said to have", async () => {
      const { mode, reason } = await session.adapter().open();

      expect(session.adapter().capabilities).toEqual(capabilities);
      expect(mode).not.toBe("");
      expect(reason).not.toBe("");
    });

    rollbackLaws(session, capabilities);
    diffLaws(session, capabilities);
    reachLaws(session, capabilities);
    lifecycleLaws(session);
  });
}
