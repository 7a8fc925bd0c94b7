import { explore } from "./toy.ts";

const names = Array.from({ length: 9 }, (_, index) => `branch ${index}`);

// All of them are fast; the first ones are waited for, and the last ones print.
explore("prints", {
  actions: Object.fromEntries(
    names.map((name, index) => [name, () => index > 5 && console.log(`printed by ${name}`)]),
  ),
  depth: 1,
});
