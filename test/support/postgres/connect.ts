import { onTestFinished } from "vitest";
import type { ConnectedSystem } from "../../../src/adapters/adapter.ts";
import type { PostgresHandle, PostgresOptions } from "../../../src/adapters/postgres/index.ts";
import { postgres } from "../../../src/adapters/postgres/index.ts";
import { provideNothing } from "../provision/nothing.ts";

export const ENVIRONMENT = {
  name: "db",
  slot: "test",
  directory: "/nowhere",
  root: import.meta.dirname,
  handles: {},
  provide: provideNothing,
} as const;

/** Connects a database as a world would. */
export function connectSystem(options: PostgresOptions): Promise<ConnectedSystem<PostgresHandle>> {
  return postgres(options).connect(ENVIRONMENT);
}

/** The same, closed when the test ends. */
export async function connect(options: PostgresOptions): Promise<ConnectedSystem<PostgresHandle>> {
  const connected = await connectSystem(options);
  onTestFinished(() => connected.adapter[Symbol.asyncDispose]());
  return connected;
}
