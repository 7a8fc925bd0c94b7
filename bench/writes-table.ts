import type { Table } from "./bench.ts";
import { byTurns, median, medianRatio, timed } from "./measure.ts";

/** Statements in a sample of single rows. */
const SINGLE = 100;
/** Rows of the statements that write many. */
export const MANY = 1_000;

/** What an app writes; each call is one statement that commits. */
export interface Writes<Id> {
  readonly insert: (index: number) => Promise<Id>;
  readonly update: (id: Id) => Promise<unknown>;
  readonly remove: (id: Id) => Promise<unknown>;
  /** Of {@link MANY} rows, that the next two change and delete. */
  readonly insertMany: () => Promise<unknown>;
  readonly updateMany: () => Promise<unknown>;
  readonly removeMany: () => Promise<unknown>;
}

const VERBS = ["INSERT", "UPDATE", "DELETE"] as const;

/** Milliseconds of one statement. */
type Cost = Readonly<Record<(typeof VERBS)[number], number>>;

/**
 * Measures writes to a database with the undo log beside the same writes to one without.
 *
 * @param afterwards - Rolls the one with the log back, so that the log is empty again.
 */
export async function writesTable<Id>(
  logged: Writes<Id>,
  plain: Writes<Id>,
  afterwards: () => Promise<void>,
): Promise<Pick<Table, "columns" | "rows">> {
  const rows: Table["rows"][number][] = [];
  for (const [way, write] of [
    ["one row", writeSingle],
    [`${MANY} rows`, writeMany],
  ] as const) {
    const samples = await byTurns(
      {
        logged: async () => {
          const cost = await write(logged);
          await afterwards();
          return cost;
        },
        plain: () => write(plain),
      },
      { warmUp: 5, minRounds: 10, maxRounds: 60, budgetMs: 4000 },
    );
    for (const verb of VERBS) {
      const ours = samples.logged.map((cost) => cost[verb]);
      const raw = samples.plain.map((cost) => cost[verb]);
      rows.push([verb, way, median(ours), median(raw), medianRatio(ours, raw)]);
    }
  }
  return { columns: ["statement", "writes", "with the log, ms", "without, ms", "ratio"], rows };
}

/** Inserts rows, changes them and deletes them again, one a statement. */
async function writeSingle<Id>({ insert, update, remove }: Writes<Id>): Promise<Cost> {
  const ids: Id[] = [];
  return {
    INSERT: await each(async (index) => void ids.push(await insert(index))),
    UPDATE: await each((index) => update(ids[index] as Id)),
    DELETE: await each((index) => remove(ids[index] as Id)),
  };
}

async function each(run: (index: number) => Promise<unknown>): Promise<number> {
  const ms = await timed(async () => {
    for (let index = 0; index < SINGLE; index += 1) await run(index);
  });
  return ms / SINGLE;
}

/** The same with all rows in one statement. */
async function writeMany<Id>({ insertMany, updateMany, removeMany }: Writes<Id>): Promise<Cost> {
  return {
    INSERT: await timed(insertMany),
    UPDATE: await timed(updateMany),
    DELETE: await timed(removeMany),
  };
}
