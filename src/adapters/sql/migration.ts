import { setTimeout as sleep } from "node:timers/promises";
import { ExploreError } from "../../errors.ts";
import { startProcess } from "../../provision/ownership/process-group.ts";
import type { Migrate, NewDatabase } from "./set-up.ts";

/** Characters of a command's output that an error shows: its end, where the reason is. */
const SHOWN_OUTPUT = 2000;
const STOP_MS = 1000;

interface Migration<Client> {
  readonly system: string;
  readonly root: string;
  readonly migrate: Migrate<Client>;
  readonly database: NewDatabase<Client>;
  readonly limitMs: number;
}

/**
 * Runs the `migrate` option.
 *
 * @throws ExploreError `EXPLORE_MIGRATION_FAILED` when it fails or takes longer than the limit.
 */
export async function runMigration<Client>(migration: Migration<Client>): Promise<void> {
  const { migrate, database } = migration;
  if (typeof migrate !== "function") return runCommand(migration, migrate);
  const { url, client } = database;
  let result: unknown;
  try {
    // A function cannot be stopped, only no longer waited for.
    result = await within(migration.limitMs, (async () => migrate({ url, client }))());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failed(migration, `it threw: ${reason}`, { cause });
  }
  if (result === LATE) throw failed(migration, late(migration));
}

async function runCommand<Client>(
  migration: Migration<Client>,
  command: string | readonly string[],
): Promise<void> {
  const { root, database, limitMs } = migration;
  let output = "";
  const started = await startProcess({
    command,
    cwd: root,
    env: { ...process.env, ...database.variables, DATABASE_URL: database.url },
    stopSignal: "SIGTERM",
    stopTimeoutMs: STOP_MS,
    print: (text) => (output = (output + text).slice(-2 * SHOWN_OUTPUT)),
  }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failed(migration, `it could not be started: ${reason}`, { cause });
  });
  try {
    const exit = await within(limitMs, started.exited);
    if (exit === LATE) throw failed(migration, late(migration), { output });
    if (exit.code === 0) return;
    const how = exit.code === null ? `by ${exit.signal}` : `with code ${exit.code}`;
    throw failed(migration, `it ended ${how}`, { output });
  } finally {
    await started.stop();
  }
}

const LATE = Symbol("late");

async function within<T>(limitMs: number, running: Promise<T>): Promise<T | typeof LATE> {
  const ended = new AbortController();
  const limit = sleep(limitMs, LATE, { signal: ended.signal });
  limit.catch(() => {
    // It was not needed any more.
  });
  try {
    return await Promise.race([running, limit]);
  } finally {
    ended.abort();
    // Of a function that was given up nobody else hears.
    running.catch(() => {});
  }
}

function late({ limitMs }: { readonly limitMs: number }): string {
  return `it was not done after ${limitMs} ms`;
}

function failed(
  {
    system,
    root,
    migrate,
  }: Pick<Migration<never>, "system" | "root"> & { readonly migrate: unknown },
  problem: string,
  { output = "", cause }: { readonly output?: string; readonly cause?: unknown } = {},
): ExploreError {
  const what =
    typeof migrate === "function"
      ? `the function ${migrate.name === "" ? "(anonymous)" : migrate.name}`
      : Array.isArray(migrate)
        ? migrate.join(" ")
        : String(migrate);
  const shown = output.trim().slice(-SHOWN_OUTPUT);
  const lines = shown === "" ? "(nothing)" : shown.replaceAll("\n", "\n            ");
  return new ExploreError(
    "EXPLORE_MIGRATION_FAILED",
    `${system}: the new database could not be migrated: ${problem}.\n` +
      `  migrate:  ${what}\n` +
      (typeof migrate === "function" ? "" : `  folder:   ${root}\n  printed:  ${lines}\n`) +
      "Run it by hand against an empty database, correct it, or raise `migrateTimeoutMs`.",
    { cause, details: { system, migrate: what, problem, output: shown } },
  );
}
