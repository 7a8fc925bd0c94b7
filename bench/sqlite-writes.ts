import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { byTurns, median, medianRatio, timed } from "./measure.ts";
import { connectSqlite, makeDatabase, openRaw, temporaryFolder } from "./sqlite-database.ts";
import type { RawConnection } from "./sqlite-database.ts";

const ROWS = 10_000;
/** Rows written by one sample. */
const BATCH = 300;

type Verb = "INSERT" | "UPDATE" | "DELETE";

const VERBS: readonly Verb[] = ["INSERT", "UPDATE", "DELETE"];

/** What one sample took, in milliseconds for the batch. */
type Cost = Readonly<Record<Verb, number>>;

const WAYS = { "one row a transaction": false, [`${BATCH} rows a transaction`]: true } as const;

/** What the undo log costs an app when it writes. */
export const bench: Bench = {
  title: "SQLite: what the undo log costs the app's writes",
  run: async () => {
    await using folder = await temporaryFolder();
    const template = join(folder.path, "template.db");
    makeDatabase(template, ROWS);
    const plainFile = join(folder.path, "plain.db");
    await copyFile(template, plainFile);
    const { handle, adapter } = await connectSqlite(
      { path: template, isolation: "undo" },
      folder.path,
    );
    const logged = openRaw(handle.path);
    const plain = openRaw(plainFile);
    await adapter.open();
    const root = await adapter.checkpoint();
    const rows = [];
    for (const [way, together] of Object.entries(WAYS)) {
      const write = { logged: writer(logged, together), plain: writer(plain, together) };
      const samples = await byTurns(
        {
          logged: async () => {
            const cost = await write.logged();
            // Empties the log, as the next branch would.
            await adapter.rollback(root);
            return cost;
          },
          plain: write.plain,
        },
        { warmUp: 5, minRounds: 10, maxRounds: 60, budgetMs: 4000 },
      );
      for (const verb of VERBS) {
        const [ours, raw] = [samples.logged, samples.plain].map((costs) =>
          costs.map((cost) => (cost[verb] * 1000) / BATCH),
        );
        const ratio = medianRatio(ours ?? [], raw ?? []);
        rows.push([verb, way, median(ours ?? []), median(raw ?? []), ratio]);
      }
    }
    logged.close();
    plain.close();
    await adapter[Symbol.asyncDispose]();
    return {
      columns: ["statement", "way", "with the log, µs", "without, µs", "ratio"],
      rows,
      notes: [
        "Prepared statements of better-sqlite3 by key, in WAL mode, on a table of 10,000 rows with one index beside the key; the time is that of one row.",
        "`UPDATE` logs the row before; `DELETE` too; `INSERT` looks for a row that it could replace, and logs the key.",
      ],
      aims: [],
    };
  },
};

/** Inserts a batch, changes it and deletes it again, so that the table ends as it was. */
function writer(connection: RawConnection, together: boolean): () => Promise<Cost> {
  const insert = connection.prepare("INSERT INTO accounts (owner, balance, note) VALUES (?, 1, ?)");
  const update = connection.prepare("UPDATE accounts SET balance = balance + 1 WHERE id = ?");
  const remove = connection.prepare("DELETE FROM accounts WHERE id = ?");
  const note = "a note of some sixty letters, as one would find it in a table";
  const each = (run: (index: number) => unknown): Promise<number> => {
    const batch = (): void => {
      for (let index = 0; index < BATCH; index += 1) run(index);
    };
    return timed(together ? connection.transaction(batch) : batch);
  };
  return async () => {
    const ids: (number | bigint)[] = [];
    return {
      INSERT: await each((index) => ids.push(insert.run(`new ${index}`, note).lastInsertRowid)),
      UPDATE: await each((index) => update.run(ids[index])),
      DELETE: await each((index) => remove.run(ids[index])),
    };
  };
}
