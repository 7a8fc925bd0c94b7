import { test } from "./world.ts";

test.explore("an action that does not wait", {
  actions: {
    open: ({ api }) => {
      void api.post("/open");
    },
  },
  depth: 2,
});
