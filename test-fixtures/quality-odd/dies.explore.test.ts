import { test } from "./world.ts";

test.explore("an app that dies", {
  actions: {
    start: ({ api }) => api.post("/start"),
    open: ({ api }) => api.post("/open"),
  },
  depth: 2,
});
