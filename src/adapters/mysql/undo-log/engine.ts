import type { Node } from "../../sql/history.ts";
import type { Log, Obstacle } from "../../sql/standing.ts";
import type { Catalogue } from "../catalogue.ts";
import type { Control } from "../control.ts";
import type { Counters } from "../counters.ts";
import { counterSql } from "../counters.ts";
import type { TouchedRows } from "../diff.ts";
import { errorNumber, queryAll } from "../driver.ts";
import { lockedRunner } from "./locked.ts";
import type { ModeTarget } from "../mode.ts";
import type { OpenQuery } from "../open-transactions.ts";
import { createLedger } from "./ledger.ts";
import type { Statement } from "./restore-sql.ts";
import { restoreSql } from "./restore-sql.ts";
import { createSchemaGuard } from "./schema-guard.ts";

/** The log of a database, as far as the verbs see it. */
export interface Engine extends Log<Counters> {
  readonly catalogue: Catalogue;
  readonly schemaChanges: () => Promise<readonly string[]>;
  readonly changes: (since: string) => Promise<readonly TouchedRows[] | Obstacle>;
}

/** What {@link createEngine} works with. */
export interface EngineParts {
  readonly target: ModeTarget;
  readonly control: Control;
  readonly catalogue: Catalogue;
  readonly openQuery: OpenQuery | undefined;
  /** Only this session writes, in the transaction that is open. */
  readonly isSession: boolean;
}

/** Takes the log of an installation into use. */
export async function createEngine(parts: EngineParts): Promise<Engine> {
  const { target, control, catalogue, isSession } = parts;
  const sql = catalogue.tables.map((table) => restoreSql(target.space, table));
  const guard = await createSchemaGuard(control, target.database);
  const locked = lockedRunner(parts, guard);
  const ledger = createLedger(sql);
  const counters = counterSql(target.database, target.withCounters ? catalogue : { tables: [] });

  return {
    catalogue,
    schemaChanges: guard.changes,
    save: (since, node) =>
      locked((fresh) => {
        const folding = ledger.fold(fresh);
        const touched = ledger.touchedSince(since);
        // Inside one transaction the savepoints lead back, and nothing leads forth.
        const keeping = isSession ? [] : touched.flatMap((id) => sql[id]?.keep(since, node) ?? []);
        return {
          statements: [...folding, ...keeping, ...counters.read],
          read: (answers) => {
            if (!isSession) ledger.wasKept(node, touched);
            const place = ledger.place();
            return { place, touched, counters: counters.parse(last(answers, counters.read)) };
          },
        };
      }),
    travel: async (since, way, to: Node<Counters>) => {
      const answer = await locked((fresh) => {
        const { statements, places, wasDone } = ledger.go(fresh, since, way);
        return {
          statements: [...statements, ...counters.read],
          read: (answers) => {
            wasDone();
            return { places, now: counters.parse(last(answers, counters.read)) };
          },
        };
      });
      if (!("places" in answer)) return answer;
      const counting = counters.write(answer.now, to.counters);
      guard.expect(counting.length);
      await queryAll(control.client, counting);
      return answer.places;
    },
    changes: (since) =>
      locked((fresh) => {
        const folding = ledger.fold(fresh);
        const touched = ledger.touchedSince(since);
        const changes = touched.flatMap((id) => sql[id]?.changes(since) ?? []);
        return {
          statements: [...folding, ...changes],
          isRaw: true,
          read: (answers) =>
            last(answers, changes).map((rows, i) => ({
              table: touched[i] ?? 0,
              rows: rows as TouchedRows["rows"],
            })),
        };
      }),
    drop: (node) => runAll(control, ledger.drop(node)),
    merge: (node, into) => runAll(control, ledger.merge(node, into)),
  };
}

async function runAll({ client }: Control, statements: readonly Statement[]): Promise<void> {
  await queryAll(
    client,
    statements.map(({ sql }) => sql),
  );
}

function last(answers: readonly unknown[], statements: readonly unknown[]): readonly unknown[] {
  return answers.slice(answers.length - statements.length);
}

/** An installation that an action broke: no such column, table or trigger. */
const BROKEN = new Set([1054, 1146, 1360, 1049, 1136]);

export function isBroken(error: unknown): boolean {
  return BROKEN.has(errorNumber(error));
}
