import type { Client } from "pg";
import { probePostgres } from "../test/support/postgres/server.ts";
import type { Bench } from "./bench.ts";
import { byTurns, median, medianRatio, timed } from "./measure.ts";
import { connectPostgres, connectRaw, makeDatabase, startPostgres } from "./postgres-database.ts";

const ROWS = 10_000;
/** Statements in a sample of single rows. */
const SINGLE = 100;
/** Rows of the statement that writes many. */
const MANY = 1_000;

const VERBS = ["INSERT", "UPDATE", "DELETE"] as const;

/** Milliseconds of one statement. */
type Cost = Readonly<Record<(typeof VERBS)[number], number>>;

const WAYS: Readonly<Record<string, (app: Client) => () => Promise<Cost>>> = {
  "one row": writeSingle,
  [`${MANY} rows`]: writeMany,
};

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
    const rows = [];
    for (const [way, writer] of Object.entries(WAYS)) {
      const write = { logged: writer(logged), plain: writer(plain) };
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
        const ours = samples.logged.map((cost) => cost[verb]);
        const raw = samples.plain.map((cost) => cost[verb]);
        rows.push([verb, way, median(ours), median(raw), medianRatio(ours, raw)]);
      }
    }
    await logged.end();
    await plain.end();
    await adapter[Symbol.asyncDispose]();
    return {
      columns: ["statement", "writes", "with the log, ms", "without, ms", "ratio"],
      rows,
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

/** Inserts rows, changes them and deletes them again, one a statement. */
function writeSingle(app: Client): () => Promise<Cost> {
  const insert = "INSERT INTO accounts (owner, balance, note) VALUES ($1, 1, $2) RETURNING id";
  const update = "UPDATE accounts SET balance = balance + 1 WHERE id = $1";
  const remove = "DELETE FROM accounts WHERE id = $1";
  return async () => {
    const ids: string[] = [];
    return {
      INSERT: await each(async (index) => {
        const values = [`new ${index}`, NOTE];
        const { rows } = await app.query<{ id: string }>({ name: "insert", text: insert, values });
        ids.push(rows[0]?.id ?? "");
      }),
      UPDATE: await each((index) =>
        app.query({ name: "update", text: update, values: [ids[index]] }),
      ),
      DELETE: await each((index) =>
        app.query({ name: "delete", text: remove, values: [ids[index]] }),
      ),
    };
  };
}

async function each(run: (index: number) => Promise<unknown>): Promise<number> {
  const ms = await timed(async () => {
    for (let index = 0; index < SINGLE; index += 1) await run(index);
  });
  return ms / SINGLE;
}

/** The same with all rows in one statement. */
function writeMany(app: Client): () => Promise<Cost> {
  const insert = `INSERT INTO accounts (owner, balance, note) SELECT 'new ' || i, 1, $1 FROM generate_series(1, ${MANY}) AS i`;
  return async () => ({
    INSERT: await timed(() => app.query({ name: "many", text: insert, values: [NOTE] })),
    UPDATE: await timed(() =>
      app.query(`UPDATE accounts SET balance = balance + 1 WHERE id > ${ROWS}`),
    ),
    DELETE: await timed(() => app.query(`DELETE FROM accounts WHERE id > ${ROWS}`)),
  });
}
