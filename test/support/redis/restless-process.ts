// Comes and goes in a database until it is killed: node restless-process.ts <JSON of the options>
import { redis, type RedisOptions } from "../../../src/adapters/redis/index.ts";
import { provideNothing } from "../provision/nothing.ts";

const [options = "{}"] = process.argv.slice(2);
process.stdout.write("started\n");
for (;;) {
  const { handle, adapter } = await redis(JSON.parse(options) as RedisOptions).connect({
    name: "cache",
    slot: "restless",
    directory: ".",
    root: ".",
    handles: {},
    provide: provideNothing,
  });
  await adapter.open();
  const root = await adapter.checkpoint();
  for (let round = 0; round < 5; round += 1) {
    await handle.command("MSET", "name", String(round), `made:${round}`, "x");
    await handle.command("RPUSH", "list", "of ours");
    // The app may do what it likes, but it must not take the user's keys with it.
    if (round === 3) await handle.command("FLUSHDB");
    await adapter.rollback(root);
  }
  await adapter[Symbol.asyncDispose]();
}
