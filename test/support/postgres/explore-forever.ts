import type { Checkpoint } from "../../../src/adapters/adapter.ts";
import type { PostgresOptions } from "../../../src/adapters/postgres/index.ts";
import { postgres } from "../../../src/adapters/postgres/index.ts";
import { provideNothing } from "../provision/nothing.ts";

/** Enough for the slowest killer; it ends by itself in case nobody kills it. */
const MAX_STEPS = 100_000;

/** Writes, marks and goes back, until it is killed or the server is. */
export async function run(options: PostgresOptions): Promise<void> {
  const { handle, adapter } = await postgres(options).connect({
    name: "db",
    slot: "killed",
    directory: "/nowhere",
    root: "/nowhere",
    handles: {},
    provide: provideNothing,
  });
  await adapter.open();
  const marks: Checkpoint[] = [await adapter.checkpoint()];
  process.stdout.write("started\n");
  for (let step = 0; step < MAX_STEPS; step += 1) {
    await handle.execute("INSERT INTO orders(n) VALUES ($1)", [step]);
    await handle.execute("UPDATE orders SET n = n + 1 WHERE id % 3 = $1", [step % 3]);
    await handle.execute("DELETE FROM keyless WHERE n = $1", [step % 20]);
    await handle.execute("INSERT INTO keyless VALUES ($1, 'new')", [step % 7]);
    if (step % 5 === 0) await handle.execute("TRUNCATE keyless");
    if (step % 2 === 0) marks.push(await adapter.checkpoint());
    const to = marks[step % marks.length];
    if (to !== undefined) await adapter.rollback(to);
  }
}
