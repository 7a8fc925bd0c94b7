import { explore } from "./toy.ts";

const names = Array.from({ length: 30 }, (_, index) => `branch ${index}`);

function fail(): never {
  throw new Error("failed on purpose");
}

// All of them are fast, so that many are reported at once.
explore("fails", {
  actions: Object.fromEntries(names.map((name) => [name, fail])),
  depth: 1,
});
