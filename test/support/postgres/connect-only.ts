import type { PostgresOptions } from "../../../src/adapters/postgres/index.ts";
import { postgres } from "../../../src/adapters/postgres/index.ts";
import { provideNothing } from "../provision/nothing.ts";

/** What a run does before it is killed: opens a database, writes, prints its name and waits. */
export async function run(options: PostgresOptions): Promise<void> {
  const { handle, adapter } = await postgres({ isolation: "undo", ...options }).connect({
    name: "db",
    slot: "killed",
    directory: "/nowhere",
    root: "/nowhere",
    handles: {},
    provide: provideNothing,
  });
  await adapter.open();
  await adapter.checkpoint();
  await handle.execute("INSERT INTO orders(amount) VALUES (7)");
  const [row] = await handle.query<{ name: string }>("SELECT current_database() AS name");
  process.stdout.write(`${row?.name ?? ""}\n`);
  setInterval(() => {}, 1000);
}
