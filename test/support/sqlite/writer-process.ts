// Started by writer.ts: runs statements through a connection of its own, as an app would.
import Database from "better-sqlite3";

const [file = ""] = process.argv.slice(2);
const db = new Database(file, { timeout: 10_000 });
db.pragma("synchronous = OFF");
db.pragma("foreign_keys = ON");

process.on("message", (statements: readonly string[]) => {
  let failed = 0;
  let problem = "";
  for (const sql of statements) {
    try {
      db.exec(sql);
    } catch (error) {
      failed += 1;
      problem = `${sql}: ${String(error)}`;
    }
  }
  process.send?.({ failed, problem, open: db.inTransaction });
});
process.on("disconnect", () => process.exit());
process.send?.({ failed: 0, problem: "", open: false });
