import type { Client } from "pg";
import { probePostgres } from "../test/support/postgres/server.ts";
import type { Bench } from "./bench.ts";
import { connectPostgres, connectRaw, makeDatabase, startPostgres } from "./postgres-database.ts";
import { MANY, writesTable, type Writes } from "./writes-table.ts";

const ROWS = 10_000;

/** What the undo log costs an app when it writes. */
export const bench: Bench = {
  title: "PostgreSQL: what the undo log costs the app's writes",
  needs: probePostgres,
  run: async () => {
    await using server = await startPostgres();
    await makeDatabase(server, "template", ROWS);
    await server.run('CREATE DATABASE "plain" TEMPLATE "template"');
    const { handle, adapter } = await connectPostgres({
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
        "Prepared statements of pg by key, each committed by itself, on a table of 10,000 rows with one index beside the key; the time is that of one statement, its round trip included.",
        "A row trigger logs the row before (`UPDATE`, `DELETE`) or the key (`INSERT`).",
      ],
      aims: [],
      versions: { PostgreSQL: server.version },
    };
  },
};

const NOTE = "a note of some sixty letters, as one would find it in a table";
const INSERT = "INSERT INTO accounts (owner, balance, note) VALUES ($1, 1, $2) RETURNING id";
const INSERT_MANY = `INSERT INTO accounts (owner, balance, note) SELECT 'new ' || i, 1, $1 FROM generate_series(1, ${MANY}) AS i`;

function writesOf(app: Client): Writes<string> {
  const run = (name: string, text: string, values: unknown[]): Promise<unknown> =>
    app.query({ name, text, values });
  return {
    insert: async (index) => {
      const values = [`new ${index}`, NOTE];
      const { rows } = await app.query<{ id: string }>({ name: "insert", text: INSERT, values });
      return rows[0]?.id ?? "";
    },
    update: (id) => run("update", "UPDATE accounts SET balance = balance + 1 WHERE id = $1", [id]),
    remove: (id) => run("remove", "DELETE FROM accounts WHERE id = $1", [id]),
    insertMany: () => run("insert many", INSERT_MANY, [NOTE]),
    updateMany: () =>
      run("update many", "UPDATE accounts SET balance = balance + 1 WHERE id > $1", [ROWS]),
    removeMany: () => run("remove many", "DELETE FROM accounts WHERE id > $1", [ROWS]),
  };
}
