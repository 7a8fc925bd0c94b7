// Leaves a database as a crash does: node crash-process.ts <file> <wal|delete>
import Database from "better-sqlite3";

const [file = "", mode = "wal"] = process.argv.slice(2);
const db = new Database(file);
db.pragma(`journal_mode = ${mode}`);
db.exec("CREATE TABLE t (a)");
db.exec("INSERT INTO t VALUES ('committed')");
db.pragma("cache_size = 1");
db.exec("BEGIN");
// More than the cache holds, so that pages of the open transaction reach the file.
db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
  INSERT INTO t SELECT 'not committed' || i FROM n`);
process.kill(process.pid, "SIGKILL");
