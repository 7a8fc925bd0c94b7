import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { debianServer } from "../debian-servers.ts";

/** A server that this machine can run. */
export interface RedisVersion {
  /** As the server tells it, e.g. `Redis 7.0.15`. */
  readonly title: string;
  readonly program: string;
  /** For comparison: 7.04 is 7.4. A Valkey has the number of the Redis that can do as much. */
  readonly number: number;
  /** Whether it knows COPY. */
  readonly hasCopy: boolean;
  /** Whether fields of hashes can run out. */
  readonly hasFieldTimes: boolean;
}

/** Programs, parted as those of PATH are; the first runs all tests, the others those of every version. */
const { EXPLORE_REDIS_BIN = "redis-server" } = process.env;

const PROGRAMS = EXPLORE_REDIS_BIN.split(":");

/** The server that runs all tests. */
export const REDIS_PROGRAM = PROGRAMS[0] ?? "redis-server";

/** Those of Debian that are there; what is missing is told by `redis-versions.test.ts`. */
function debianPrograms(): readonly string[] {
  return (["redis-6", "redis-8", "valkey-8"] as const)
    .flatMap((name) => {
      const { folder } = debianServer(name);
      return [join(folder, "redis-server"), join(folder, "valkey-server")];
    })
    .filter((program) => existsSync(program));
}

/** The servers that can be run. At least one: where there is none, its lane says so. */
export function redisVersions(): readonly RedisVersion[] {
  return [...PROGRAMS, ...debianPrograms()].map((program) => {
    const { stdout } = spawnSync(program, ["--version"], { encoding: "utf8", timeout: 30_000 });
    const [, name = "Redis", version = "unknown"] =
      /^(\w+) server v=(\S+)/.exec(stdout ?? "") ?? [];
    const [major = 0, minor = 0] = version.split(".").map(Number);
    // Valkey went its own way after Redis 7.2, and has had times of fields since its version 9.
    const number = name === "Valkey" && major < 9 ? 7.02 : major + minor / 100;
    const hasFieldTimes = number >= 7.04;
    return { title: `${name} ${version}`, program, number, hasCopy: number >= 6.02, hasFieldTimes };
  });
}
