// Works in a test database until it is killed: node test-database-process.ts <file> <folder>
import { sqlite } from "../../../src/adapters/sqlite/index.ts";
import { provideNothing } from "../provision/nothing.ts";

const [file = "", folder = ""] = process.argv.slice(2);
const system = sqlite({ path: file, testDatabase: true });
const { handle, adapter } = await system.connect({
  name: "db",
  slot: "killed",
  directory: folder,
  root: folder,
  handles: {},
  provide: provideNothing,
});
await adapter.open();
const root = await adapter.checkpoint();
process.stdout.write("working\n");
for (let round = 0; ; round += 1) {
  await handle.execute("INSERT INTO users(name) VALUES (?)", [`guest ${round}`]);
  await handle.execute("UPDATE users SET name = name || '!' WHERE id = 1");
  await handle.execute("DELETE FROM users WHERE id = 2");
  if (round % 7 === 0) await handle.execute(`CREATE TABLE IF NOT EXISTS made${round} (a)`);
  if (round % 3 === 0) await adapter.rollback(root);
}
