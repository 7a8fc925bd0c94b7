import { test } from "vitest";
import { explore, sleep } from "./toy.ts";

explore("shop", {
  actions: {
    add: async () => {
      await sleep(3);
    },
    pay: ({ done }) => {
      if (done.at(-1) === "pay") throw new Error("paid twice");
    },
  },
});

test("hand-written", () => {});
