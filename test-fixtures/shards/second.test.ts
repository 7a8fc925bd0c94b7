import { expect, test } from "vitest";

test("has nothing to do with it", () => expect(1 + 1).toBe(2));
