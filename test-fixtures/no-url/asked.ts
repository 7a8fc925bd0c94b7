import { appendFileSync } from "node:fs";
import { mock } from "vitest-explore/mock";

type Environment = Parameters<ReturnType<typeof mock>["connect"]>[0];
type Request = Parameters<Environment["provide"]>[0];

/** A system that asks for a server and shows where it is. */
export function asked(request: Request) {
  const store = mock();
  return {
    ...store,
    connect: async (environment: Environment) => {
      const handle = await environment.provide(request);
      return { ...(await store.connect(environment)), handle };
    },
  };
}

/** Leaves what a test has seen, one line of JSON each. */
export function note(seen: object): void {
  appendFileSync("seen.jsonl", `${JSON.stringify({ ...seen, pid: process.pid })}\n`);
}
