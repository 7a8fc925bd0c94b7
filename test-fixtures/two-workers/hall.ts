import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { type HttpClient, http } from "vitest-explore/http";
import { postgres } from "vitest-explore/postgres";
import { redis } from "vitest-explore/redis";
import { createTest } from "vitest-explore/test";

export const test = createTest({
  db: postgres({ url: process.env.POSTGRES_URL ?? "", schema: "schema.sql" }),
  cache: redis({ url: process.env.REDIS_URL ?? "" }),
  api: http({
    command: "node server.js",
    env: ({ db, cache }) => ({ DATABASE_URL: db.url, REDIS_URL: cache.url }),
    ready: "/health",
  }),
});

interface Args {
  readonly api: HttpClient;
  readonly context: { ticketId?: number };
}

export const actions = {
  sell: async ({ api, context }: Args) => {
    const { status, body } = await api.post("/tickets");
    if (status === 201) context.ticketId = Number(body["id"]);
  },
  return: {
    enabled: ({ context }: Args) => context.ticketId !== undefined,
    run: ({ api, context }: Args) => api.post(`/tickets/${context.ticketId}/return`),
  },
};

/** Goes on when both workers have their world. Each leaves what it got in a file. */
export async function meet(name: string, urls: object): Promise<void> {
  mkdirSync("here", { recursive: true });
  writeFileSync(`here/${name}.json`, JSON.stringify(urls));
  await expect.poll(() => readdirSync("here").length, { timeout: 20_000 }).toBe(2);
}
