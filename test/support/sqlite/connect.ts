import { onTestFinished } from "vitest";
import type { ConnectedSystem } from "../../../src/adapters/adapter.ts";
import type { SqliteHandle, SqliteOptions } from "../../../src/adapters/sqlite/index.ts";
import { sqlite } from "../../../src/adapters/sqlite/index.ts";
import { testFolder } from "./folder.ts";
import { provideNothing } from "../provision/nothing.ts";

/** Connects a database as a world would, in a folder that goes with the test. */
export async function connect(
  options: SqliteOptions = {},
  folder = testFolder(),
): Promise<ConnectedSystem<SqliteHandle> & { readonly folder: string }> {
  const system = sqlite(options);
  const connected = await system.connect({
    name: "db",
    slot: "test",
    directory: folder,
    root: folder,
    handles: {},
    provide: provideNothing,
  });
  onTestFinished(() => connected.adapter[Symbol.asyncDispose]());
  return { ...connected, folder };
}
