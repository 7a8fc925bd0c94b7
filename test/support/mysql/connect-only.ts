import type { MysqlOptions } from "../../../src/adapters/mysql/index.ts";
import { mysql } from "../../../src/adapters/mysql/index.ts";
import { provideNothing } from "../provision/nothing.ts";

/** What a run does before it is killed: opens a database, writes, prints its name and waits. */
export async function run(options: MysqlOptions): Promise<void> {
  const { handle, adapter } = await mysql({ isolation: "undo", ...options }).connect({
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
  const [row] = await handle.query<{ name: string }>("SELECT DATABASE() AS name");
  process.stdout.write(`${row?.name ?? ""}\n`);
  setInterval(() => {}, 1000);
}
