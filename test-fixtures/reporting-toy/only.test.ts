import { test } from "vitest";
import { explore } from "./toy.ts";

const toy = { actions: { a: () => {}, b: () => {} }, depth: 1 };

explore.only("chosen", toy);
explore("left out", toy);
test("left out too", () => {});
