import type { Connection, ResultSetHeader } from "mysql2/promise";
import { probeMysql } from "../test/support/mysql/server.ts";
import type { Bench } from "./bench.ts";
import {
  connectMysql,
  connectRaw,
  copyDatabase,
  makeDatabase,
  startMysql,
} from "./mysql-database.ts";
import { MANY, writesTable, type Writes } from "./writes-table.ts";

const ROWS = 10_000;

/** What the undo log costs an app when it writes. */
export const bench: Bench = {
  title: "MySQL: what the undo log costs the app's writes",
  needs: probeMysql,
  run: async () => {
    await using server = await startMysql();
    await makeDatabase(server, "template", ROWS);
    await copyDatabase(server, { from: "template", to: "plain" });
    const { handle, adapter } = await connectMysql({
      url: server.url("template"),
      isolation: "undo",
    });
    const logged = await connectRaw(handle.url);
    const plain = await connectRaw(server.url("plain"));
    await adapter.open();
    const root = await adapter.checkpoint();
    const table = await writesTable(writesOf(logged), writesOf(plain), () =>
      adapter.rollback(root),
    );
    await logged.end();
    await plain.end();
    await adapter[Symbol.asyncDispose]();
    return {
      ...table,
      notes: [
        `On ${server.product}. Prepared statements of mysql2 by key, each committed by itself, on a table of 10,000 rows with one index beside the key; the time is that of one statement, its round trip included.`,
        "A row trigger logs the row before (`UPDATE`, `DELETE`) or the key (`INSERT`).",
      ],
      aims: [],
      versions: { [server.product]: server.version },
    };
  },
};

const NOTE = "a note of some sixty letters, as one would find it in a table";
const INSERT = "INSERT INTO accounts (owner, balance, note) VALUES (?, 1, ?)";
const INSERT_MANY = `INSERT INTO accounts (owner, balance, note)
  SELECT CONCAT('new ', id), 1, note FROM accounts WHERE id <= ${MANY}`;

function writesOf(app: Connection): Writes<number> {
  return {
    insert: async (index) => {
      const [{ insertId }] = await app.execute<ResultSetHeader>(INSERT, [`new ${index}`, NOTE]);
      return insertId;
    },
    update: (id) => app.execute("UPDATE accounts SET balance = balance + 1 WHERE id = ?", [id]),
    remove: (id) => app.execute("DELETE FROM accounts WHERE id = ?", [id]),
    insertMany: () => app.execute(INSERT_MANY),
    updateMany: () => app.execute("UPDATE accounts SET balance = balance + 1 WHERE id > ?", [ROWS]),
    removeMany: () => app.execute("DELETE FROM accounts WHERE id > ?", [ROWS]),
  };
}
