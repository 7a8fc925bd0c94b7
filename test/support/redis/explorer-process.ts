// Works in a database until it is killed: node explorer-process.ts <JSON of the options> [flush]
import { redis, type RedisOptions } from "../../../src/adapters/redis/index.ts";
import { provideNothing } from "../provision/nothing.ts";

const [options = "{}", flush] = process.argv.slice(2);
const { handle, adapter } = await redis(JSON.parse(options) as RedisOptions).connect({
  name: "cache",
  slot: "killed",
  directory: ".",
  root: ".",
  handles: {},
  provide: provideNothing,
});
await adapter.open();
const root = await adapter.checkpoint();
if (flush === "flush") {
  await handle.command("FLUSHALL");
  await handle.command("SET", "left", "behind");
  process.stdout.write("working\n");
  setInterval(() => {}, 1000);
} else {
  await handle.command("SET", "left", "behind");
  process.stdout.write("working\n");
  for (let round = 0; ; round += 1) {
    await handle.command("SET", `made:${round}`, "x");
    await handle.command("DEL", "name");
    if (round % 3 === 0) await adapter.rollback(root);
  }
}
