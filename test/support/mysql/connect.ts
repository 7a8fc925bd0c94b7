import { onTestFinished } from "vitest";
import type { ConnectedSystem } from "../../../src/adapters/adapter.ts";
import type { MysqlHandle, MysqlOptions } from "../../../src/adapters/mysql/index.ts";
import { mysql } from "../../../src/adapters/mysql/index.ts";
import { provideNothing } from "../provision/nothing.ts";

const ENVIRONMENT = {
  name: "db",
  slot: "test",
  directory: "/nowhere",
  root: import.meta.dirname,
  handles: {},
  provide: provideNothing,
} as const;

/** Connects a database as a world would. */
export function connectSystem(options: MysqlOptions): Promise<ConnectedSystem<MysqlHandle>> {
  return mysql(options).connect(ENVIRONMENT);
}

/** The same, closed when the test ends. */
export async function connect(options: MysqlOptions): Promise<ConnectedSystem<MysqlHandle>> {
  const connected = await connectSystem(options);
  onTestFinished(() => connected.adapter[Symbol.asyncDispose]());
  return connected;
}
