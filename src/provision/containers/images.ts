import type { ServerKind } from "../server-request.ts";
import { SERVER_USER } from "../servers/server-program.ts";

/** How a server of a kind is run from an image made like the official ones. */
export interface ContainerRecipe {
  /** The image that is used when the user names none. */
  readonly image: string;
  /** Where the server listens inside of the container. */
  readonly port: number;
  /** Of a user who may do everything. */
  readonly url: (password: string, address: string) => string;
  /** What the image's start script needs to be told. */
  readonly environment: (password: string) => string[];
  /** For the server's program; the start scripts put its name in front. */
  readonly args: (password: string) => readonly string[];
  /** Where its data is, so that it is in memory and not on a disk. */
  readonly dataFolder: string;
}

/** Set as the programs of this machine are, in `../servers`: nothing has to survive a crash. */
export const RECIPES: Readonly<Record<ServerKind, ContainerRecipe>> = {
  postgres: {
    image: "postgres:17-alpine",
    port: 5432,
    url: (password, address) => `postgresql://${SERVER_USER}:${password}@${address}/postgres`,
    environment: (password) => [
      `POSTGRES_USER=${SERVER_USER}`,
      `POSTGRES_PASSWORD=${password}`,
      "POSTGRES_DB=postgres",
      // Where the images keep it differs between 17 and 18.
      "PGDATA=/vitest-explore/data",
      "POSTGRES_INITDB_ARGS=--encoding=UTF8 --locale=C --lc-ctype=C.UTF-8 --no-sync",
    ],
    args: () =>
      [
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "max_connections=200",
        "timezone=UTC",
        // The official images do so themselves, others made like them may not.
        "listen_addresses=*",
      ].flatMap((setting) => ["-c", setting]),
    dataFolder: "/vitest-explore",
  },
  mysql: {
    image: "mysql:8.4",
    port: 3306,
    url: (password, address) => `mysql://root:${password}@${address}/mysql`,
    environment: (password) => [`MYSQL_ROOT_PASSWORD=${password}`],
    args: () => [
      "--innodb-flush-log-at-trx-commit=0",
      "--innodb-doublewrite=0",
      "--skip-log-bin",
      "--skip-name-resolve",
      "--character-set-server=utf8mb4",
      "--default-time-zone=+00:00",
      "--max-connections=200",
    ],
    dataFolder: "/var/lib/mysql",
  },
  redis: {
    image: "redis:7-alpine",
    port: 6379,
    url: (password, address) => `redis://:${password}@${address}/0`,
    environment: () => [],
    args: (password) =>
      [
        ["--requirepass", password],
        ["--save", ""],
        ["--appendonly", "no"],
        // Every world has a database of its own.
        ["--databases", "1024"],
      ].flat(),
    dataFolder: "/data",
  },
};
