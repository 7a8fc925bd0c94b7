import { expect, test } from "vitest";
import { binary } from "../../../../src/provision/ways/binary.ts";
import { isWayUnavailable } from "../../../../src/provision/ways/way.ts";

test("a program of this machine is not taken where an image was asked for", async () => {
  const request = { kind: "postgres", options: { image: "postgres:12" } } as const;
  const place = { root: import.meta.dirname, say: () => {} };
  const error: unknown = await binary.start(request, place).catch((thrown: unknown) => thrown);
  expect(isWayUnavailable(error)).toBe(true);
  expect(String(error)).toMatch("`image` names a container, not a program of this machine");
});
