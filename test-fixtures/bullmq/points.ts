import { http } from "vitest-explore/http";
import { type RedisHandle, redis } from "vitest-explore/redis";
import { always, createTest } from "vitest-explore/test";

/** A world of the app with a worker that runs a job when it is `asked` to, or takes them `live`. */
export const createTestOf = (worker: "asked" | "live") =>
  createTest({
    store: redis(),
    api: http({
      command: "node server.js",
      env: ({ store }) => ({ REDIS_URL: store.url, WORKER: worker }),
      ready: "/health",
    }),
  });

/** What rules and the identity look at. */
export interface State {
  readonly store: RedisHandle;
  readonly context: { paid: boolean; returns: number; paused: boolean };
}

export const invariants = {
  "nobody owes points": always(
    async ({ store }: State) => Number((await store.get("points")) ?? 0) >= 0,
  ),
};

/** A queue's books are full of clocks, so that no two runs write the same: this is what counts. */
export const identity = async ({ store, context }: State): Promise<unknown> => [
  context,
  await store.get("points"),
  await store.command("HGETALL", "awarded"),
  await waitingJobs(store),
];

/** Names and data of the jobs that wait, first one first. */
async function waitingJobs(store: RedisHandle): Promise<readonly unknown[]> {
  const ids = (await store.command("LRANGE", "bull:points:wait", 0, -1)) as string[];
  return Promise.all(
    ids.toReversed().map((id) => store.command("HMGET", `bull:points:${id}`, "name", "data")),
  );
}
