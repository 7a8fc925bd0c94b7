import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { livenessOf, ownIdentity, readIdentity } from "../../provision/owner.ts";
import { privateFolder } from "../../provision/private-folder.ts";
import type { Server } from "./driver.ts";
import { isOurs, type Key, MARKER } from "./keys.ts";
import { capture, listKeys, type Version } from "./keyspace.ts";
import { EMPTY_BUT, runScript, type Scripting } from "./scripts.ts";
import { writeKeys } from "./write-keys.ts";

/** What a test database held when a run began. */
export type BaseEntries = readonly (readonly [Key, Version])[];

/** The file that keeps the keys of a user's database while a run works in it. */
export interface BaseCopy {
  /** Reads the keys and keeps them, on disk too. */
  readonly make: (scripting: Scripting) => Promise<BaseEntries>;
  /** What a killed run has kept; `undefined` when there is no such file. */
  readonly read: () => BaseEntries | undefined;
  /** Whether a run that was killed has left it, since when the server has not been started anew. */
  readonly isLeft: () => boolean;
  readonly remove: () => void;
}

interface Kept {
  readonly runId: string;
  readonly owner: unknown;
  readonly entries: readonly (readonly [Key, Uint8Array, number | undefined])[];
}

/** @param runId - The server's own mark of this start. */
export function baseCopy({ address }: Server, db: number, runId: string): BaseCopy {
  const { host, port, socket } = address;
  const name = createHash("sha256")
    .update(JSON.stringify([host, port, socket, db]))
    .digest("hex");
  const file = join(privateFolder("databases"), `redis-${name.slice(0, 32)}`);
  const readFile = (): Kept | undefined =>
    existsSync(file) ? (deserialize(readFileSync(file)) as Kept) : undefined;
  return {
    make: async (scripting) => {
      const { versions } = await capture(scripting, await listKeys(scripting));
      const entries = [...versions].flatMap(([key, version]) =>
        version === undefined ? [] : [[key, version] as const],
      );
      const kept: Kept = {
        runId,
        owner: ownIdentity(),
        entries: entries.map(([key, { payload, leftMs }]) => [key, payload, leftMs]),
      };
      // Written aside and renamed, so that a kill never leaves half a copy.
      writeFileSync(`${file}.new`, serialize(kept), { mode: 0o600 });
      renameSync(`${file}.new`, file);
      return entries;
    },
    read: () =>
      readFile()?.entries.map(
        ([key, payload, leftMs]) => [key, { payload: Buffer.from(payload), leftMs }] as const,
      ),
    isLeft: () => {
      const kept = readFile();
      const owner = readIdentity(kept?.owner);
      return kept?.runId === runId && owner !== undefined && livenessOf(owner) === "dead";
    },
    remove: () => rmSync(file, { force: true }),
  };
}

/** Makes the database hold these keys and the marker, and nothing else. */
export async function putBack(
  scripting: Scripting,
  entries: BaseEntries,
  marker: string,
): Promise<void> {
  await runScript(scripting, EMPTY_BUT, { keys: [MARKER], args: [marker] });
  const wanted = entries
    .filter(([key]) => !isOurs(key))
    .map(([key, { payload, leftMs }]) => ({ key, payload, leftMs }));
  await writeKeys(scripting, wanted);
}
