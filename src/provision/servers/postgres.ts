import { HOST } from "../port.ts";
import { runStatement } from "./postgres-login.ts";
import { SERVER_USER, type ServerProgram } from "./server-program.ts";

/** Nothing has to survive a crash, and nobody but this machine may connect. */
const SETTINGS = [
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "wal_level=minimal",
  "max_wal_senders=0",
  "max_connections=200",
  "shared_buffers=64MB",
  "timezone=UTC",
  "lc_messages=C",
  // Files in the data folder, which is removed; the default would stay behind after a crash.
  "dynamic_shared_memory_type=mmap",
  "logging_collector=off",
  "log_destination=stderr",
  "unix_socket_directories=",
];

// The first locale that the machine has: UTF-8 letters, sorted by their code points.
const LOCALES = [["--lc-ctype=C.UTF-8"], ["--lc-ctype=en_US.UTF-8"], []];

export const POSTGRES: ServerProgram = {
  kind: "postgres",
  programs: ["postgres"],
  helpers: ["initdb"],
  places: [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "C:/Program Files/PostgreSQL/*/bin",
  ],
  // It refuses to run as root.
  users: ["postgres", "nobody"],
  makeData: ({ helper, data, secretFile }) =>
    LOCALES.map((locale) => [
      helper("initdb"),
      `--pgdata=${data}`,
      `--username=${SERVER_USER}`,
      `--pwfile=${secretFile}`,
      // Every connection goes over the loopback interface, so what is sent in clear stays there.
      "--auth=password",
      "--encoding=UTF8",
      "--locale=C",
      ...locale,
      "--no-sync",
    ]),
  serve: ({ data, port }) => ({
    args: ["-D", data, ...settings([...SETTINGS, `listen_addresses=${HOST}`, `port=${port}`])],
  }),
  ready: /database system is ready to accept connections/,
  portTaken: /Address already in use/,
  endSignal: "SIGQUIT",
  protect: ({ port, secret, password }) =>
    runStatement(`ALTER ROLE "${SERVER_USER}" PASSWORD '${password}'`, { port, password: secret }),
  url: ({ port, password }) => `postgresql://${SERVER_USER}:${password}@${HOST}:${port}/postgres`,
};

function settings(all: readonly string[]): readonly string[] {
  return all.flatMap((setting) => ["-c", setting]);
}
