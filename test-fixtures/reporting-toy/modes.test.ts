import { describe, test } from "vitest";
import { explore, sleep } from "./toy.ts";

const toy = { actions: { a: () => sleep(3), b: () => sleep(3) }, depth: 1 };

explore.skip("skipped", toy);
explore.todo("planned");
explore.concurrent("together", toy);
explore.concurrent("at once", toy);
describe.each(["east", "west"])("%s", () => {
  explore("same names", toy);
});
// oxlint-disable-next-line vitest/no-disabled-tests -- That is what is looked at.
describe.skip("a skipped suite", () => {
  explore("inside", toy);
});
describe("explorations and tests", () => {
  test("beside", () => {});
  explore("nested", toy);
});
