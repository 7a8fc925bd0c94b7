import { explore } from "./toy.ts";

const names = Array.from({ length: 10_000 }, (_, index) => `branch ${index}`);

explore("many", {
  actions: Object.fromEntries(names.map((name) => [name, () => {}])),
  depth: 1,
});
