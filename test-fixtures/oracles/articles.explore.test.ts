import { createTest } from "vitest-explore/test";
import { http } from "vitest-explore/http";
import { mock, type MockHandle } from "vitest-explore/mock";
import { articles } from "./articles.ts";

const test = createTest({
  db: mock({ initialState: { articles: [] } }),
  api: http({ app: ({ db }: { db: MockHandle }) => articles(db) }),
});

test.explore<{ written?: boolean }>("articles", {
  actions: {
    write: {
      enabled: ({ context }) => context.written !== true,
      run: async ({ api, context }) => {
        await api.post("/articles", { text: "one" });
        context.written = true;
      },
    },
    read: {
      enabled: ({ context }) => context.written === true,
      run: ({ api }) => api.get("/articles/1"),
    },
    empty: {
      enabled: ({ context }) => context.written === true,
      run: ({ api }) => api.patch("/articles/1", { text: "" }),
    },
    replace: {
      enabled: ({ context }) => context.written === true,
      run: ({ api }) => api.put("/articles/1", { text: "more" }),
    },
    remove: ({ api }) => api.delete("/articles/1"),
  },
  depth: 3,
  oracles: { deletesRemove: true, repeatsChangeNothing: true },
});

test.explore<{ written?: boolean }>("articles whose views are meant to be counted", {
  actions: {
    write: {
      enabled: ({ context }) => context.written !== true,
      run: async ({ api, context }) => {
        await api.post("/articles", { text: "one" });
        context.written = true;
      },
    },
    read: {
      enabled: ({ context }) => context.written === true,
      run: ({ api }) => api.get("/articles/1"),
      oracles: { readsChangeNothing: false },
    },
  },
  depth: 3,
});
