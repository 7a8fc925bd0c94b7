import { describe, test } from "vitest";

const names = Array.from({ length: 10_000 }, (_, index) => `branch ${index}`);

describe("many", () => {
  test.each(names)("%s", () => {});
});
