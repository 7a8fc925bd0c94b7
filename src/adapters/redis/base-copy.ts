import { createHash } from "node:crypto";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { livenessOf, ownIdentity, readIdentity } from "../../provision/ownership/owner.ts";
import { privateFolder } from "../../provision/ownership/private-folder.ts";
import type { Server } from "./driver.ts";
import { isOurs, type Key, MARKER } from "./keys.ts";
import { capture, type FieldTime, listKeys, type Version } from "./keyspace.ts";
import { type Connection, runScript, type Scripting, SCRIPTS } from "./scripts.ts";
import { writeKeys } from "./write-keys.ts";

/** What a test database held when a run began. */
export type BaseEntries = readonly (readonly [Key, Version])[];

/** The file that keeps the keys of a user's database while a run works in it. */
export interface BaseCopy {
  /**
   * Reads the keys and keeps them, on disk too.
   *
   * @param marker - What the database will bear while the run works in it.
   */
  readonly make: (scripting: Scripting, marker: string) => Promise<BaseEntries>;
  /** What the run with this marker has kept; `undefined` when there is nothing of it. */
  readonly read: (marker: string) => BaseEntries | undefined;
  /** What a run that was killed has left, if there is such a thing. */
  readonly left: () => LeftCopy | undefined;
  /**
   * Says that the database holds again what it held.
   *
   * A server that has saved itself since the copy was made may come up, after a crash, with what it
   * held in the middle of the run: then the copy is kept until it saves itself again, to be found by
   * its marker.
   *
   * @param now - As the server is now.
   * @param wasAmidRun - Whether the database was last found as a run had left it.
   */
  readonly retire: (now: ServerFacts, wasAmidRun: boolean) => void;
}

/** What a run that was killed has left. */
export interface LeftCopy {
  readonly entries: BaseEntries;
  /** Whether the server has been started anew since: it may hold any moment since its last saving. */
  readonly isOlder: boolean;
  /** Whether the run had put everything back, and the server had not saved itself since. */
  readonly isRetired: boolean;
  readonly file: string;
}

interface Kept {
  readonly runId: string;
  readonly saves: string;
  readonly isSaving: boolean;
  readonly owner: unknown;
  readonly marker: string;
  readonly entries: readonly (readonly [
    Key,
    Uint8Array,
    number | undefined,
    readonly (readonly [Uint8Array, Uint8Array, number])[],
  ])[];
}

/** What a server says of itself that matters here. */
export interface ServerFacts {
  /** Its own mark of this start. */
  readonly runId: string;
  /** Tells the last saving of all data that is done from the one before. */
  readonly saves: string;
  /** Whether a saving is at work, of how things were when it began. */
  readonly isSaving: boolean;
  /** Whether it logs every write (AOF). */
  readonly logsWrites: boolean;
}

/** Between the name of a copy's file and the run's, once the run is over. */
const RETIRED = ".retired-";

/** @param info - As `INFO` answers. */
export function factsOf(info: string): ServerFacts {
  const fact = (name: string): string =>
    new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
  return {
    runId: fact("run_id"),
    saves: `${fact("rdb_last_save_time")} ${fact("rdb_saves")}`,
    isSaving: fact("rdb_bgsave_in_progress") === "1",
    logsWrites: fact("aof_enabled") === "1",
  };
}

export function baseCopy({ address }: Server, db: number, facts: ServerFacts): BaseCopy {
  const { runId } = facts;
  const { host, port, socket } = address;
  const folder = privateFolder("databases");
  const file = join(folder, `redis-${hashOf(JSON.stringify([host, port, socket, db]))}`);
  /** The youngest first. */
  const retired = (): readonly string[] =>
    readdirSync(folder)
      .filter((entry) => entry.startsWith(`${basename(file)}${RETIRED}`))
      .map((entry) => join(folder, entry))
      .toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return {
    make: async (scripting, marker) => {
      const { versions } = await capture(scripting, await listKeys(scripting));
      const entries = [...versions].flatMap(([key, version]) =>
        version === undefined ? [] : [[key, version] as const],
      );
      const kept = { ...facts, owner: ownIdentity(), marker, entries: entries.map(packed) };
      write(file, kept);
      return entries;
    },
    read: (marker) =>
      [file, ...retired()]
        .map(readKept)
        .find((kept) => kept?.marker === marker)
        ?.entries.map(unpacked),
    left: () =>
      leftIn(file, runId) ??
      retired()
        .map((old) => leftIn(old, runId))
        .find(isOlder),
    retire: (now, wasAmidRun) => {
      for (const old of retired()) pruneRetired(old, now, wasAmidRun);
      const kept = readKept(file);
      if (kept === undefined) return;
      const isSameStart = kept.runId === now.runId;
      // What the server has come up with shows whether a saving holds a run.
      const hasSaved = kept.saves !== now.saves || now.isSaving;
      const isNeeded = isSameStart ? hasSaved : wasAmidRun;
      if (!isNeeded) return rmSync(file, { force: true });
      write(file, { ...kept, ...now });
      renameSync(file, `${file}${RETIRED}${hashOf(kept.marker)}`);
    },
  };
}

function leftIn(file: string, runId: string): LeftCopy | undefined {
  const kept = readKept(file);
  const owner = readIdentity(kept?.owner);
  if (kept === undefined || owner === undefined || livenessOf(owner) !== "dead") return undefined;
  const isRetired = basename(file).includes(RETIRED);
  return { entries: kept.entries.map(unpacked), isOlder: kept.runId !== runId, isRetired, file };
}

function isOlder(copy: LeftCopy | undefined): boolean {
  return copy?.isOlder === true;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/**
 * Removes a retired copy once a saving is done that began after the run: what the server comes up
 * with then is of a later time. One that has only begun may never be done.
 */
function pruneRetired(file: string, now: ServerFacts, wasAmidRun: boolean): void {
  const kept = readKept(file);
  if (kept === undefined) return;
  const isSameStart = kept.runId === now.runId;
  if (isSameStart && kept.saves === now.saves) return;
  // The saving that is done now may be one that was at work when the copy was retired.
  const isNeeded = isSameStart ? kept.isSaving : wasAmidRun;
  if (isNeeded) write(file, { ...kept, ...now });
  else rmSync(file, { force: true });
}

function write(file: string, kept: Kept): void {
  // Written aside and renamed, so that a kill never leaves half a copy.
  writeFileSync(`${file}.new`, serialize(kept), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function readKept(file: string): Kept | undefined {
  return existsSync(file) ? (deserialize(readFileSync(file)) as Kept) : undefined;
}

function packed([
  key,
  { payload, leftMs, fields = [] },
]: BaseEntries[number]): Kept["entries"][number] {
  return [key, payload, leftMs, fields.map(({ name, value, leftMs: left }) => [name, value, left])];
}

function unpacked([key, payload, leftMs, fields]: Kept["entries"][number]): BaseEntries[number] {
  const version = { payload: Buffer.from(payload), leftMs };
  const times = fields.map(([name, value, left]): FieldTime => {
    return { name: Buffer.from(name), value: Buffer.from(value), leftMs: left };
  });
  return [key, times.length === 0 ? version : { ...version, fields: times }];
}

/**
 * Makes the database hold these keys and the marker, and nothing else.
 *
 * @returns Whether it bore the marker; else nothing was done.
 */
export async function putBack(
  scripting: Scripting,
  entries: BaseEntries,
  marker: string,
): Promise<boolean> {
  if (!(await emptyBut(scripting, marker))) return false;
  const wanted = entries
    .filter(([key]) => !isOurs(key))
    .map(([key, version]) => ({ key, version }));
  return (await writeKeys(scripting, marker, wanted)) !== undefined;
}

/** Empties the database if it bears the marker, which stays; answers whether it did. */
export async function emptyBut(on: Connection, marker: string): Promise<boolean> {
  const answer = await runScript(on, SCRIPTS.emptyBut, { keys: [MARKER], args: [marker] });
  return Number(answer) === 1;
}
