import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Probe } from "./lane.ts";

/** A server in another version than the machine's, had by `npm run servers:debian`. */
export interface DebianServer {
  /** As the script calls it, e.g. `redis-6`. */
  readonly name: string;
  /** Where its program is; `server: { folder }` starts it. */
  readonly folder: string;
  /** Says why it is not there; for an optional lane. */
  readonly probe: Probe;
}

const FOLDER = join(import.meta.dirname, "../../.work/servers");

/** One of those that `scripts/debian-servers.ts` knows, there or not. */
export function debianServer(name: "redis-6" | "redis-8" | "valkey-8" | "mysql-9"): DebianServer {
  const folder = join(FOLDER, name, "bin");
  return {
    name,
    folder,
    probe: () =>
      existsSync(folder) ? undefined : `it is not there (npm run servers:debian -- ${name})`,
  };
}
