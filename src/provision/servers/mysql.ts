import { realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { HOST } from "../port.ts";
import { SERVER_USER, type ServerProgram } from "./server-program.ts";

/** Nothing has to survive a crash. `loose`: MariaDB has the one and MySQL the other. */
const SETTINGS = [
  "--skip-name-resolve",
  "--character-set-server=utf8mb4",
  "--default-time-zone=+00:00",
  "--max-connections=200",
  "--skip-log-bin",
  "--log-bin-trust-function-creators=1",
  "--innodb-flush-log-at-trx-commit=0",
  "--innodb-flush-method=nosync",
  "--loose-debug-no-sync",
  "--innodb-doublewrite=0",
  "--innodb-buffer-pool-size=64M",
  "--secure-file-priv=",
  "--loose-mysqlx=0",
];

/** In the data folder from the start, so these must be the same for making and for serving it. */
const LOG_SIZE = ["--loose-innodb-log-file-size=8M", "--loose-innodb-redo-log-capacity=8M"];

/** No user who could come in without a password from anywhere but the socket. */
const MARIADB_USERS = ["--auth-root-authentication-method=socket", "--skip-name-resolve"];

export const MYSQL: ServerProgram = {
  kind: "mysql",
  programs: ["mariadbd", "mysqld"],
  helpers: [],
  places: [
    "/usr/sbin",
    "/usr/libexec",
    "/usr/local/mysql/bin",
    "/opt/homebrew/opt/mysql*/bin",
    "/opt/homebrew/opt/mariadb*/bin",
    "/usr/local/opt/mysql*/bin",
    "/usr/local/opt/mariadb*/bin",
    "C:/Program Files/MySQL/MySQL Server */bin",
    "C:/Program Files/MariaDB */bin",
  ],
  users: ["mysql", "nobody"],
  makeData: ({ program, helper, data }) => {
    const common = ["--no-defaults", `--datadir=${data}`, ...LOG_SIZE];
    // MariaDB has links by the names that MySQL's programs have.
    return basename(realpathSync(program)).startsWith("mariadbd")
      ? [[helper("mariadb-install-db"), ...common, ...MARIADB_USERS, "--skip-test-db"]]
      : [[program, ...common, "--initialize-insecure"]];
  },
  serve: ({ folder, data, port, password }) => ({
    args: [
      "--no-defaults",
      `--datadir=${data}`,
      ...SETTINGS,
      ...LOG_SIZE,
      // Each server removes what it finds of its kind in its folder for temporary files when it starts.
      `--tmpdir=${folder}`,
      `--bind-address=${HOST}`,
      `--port=${port}`,
      "--socket=server.sock",
      `--init-file=${join(folder, "users.sql")}`,
    ],
    files: { "users.sql": users(password) },
  }),
  ready: /ready for connections/,
  portTaken: /Address already in use|already have another/,
  endSignal: "SIGKILL",
  url: ({ port, password }) => `mysql://${SERVER_USER}:${password}@${HOST}:${port}/mysql`,
};

/** One statement a line, as `init-file` wants it. The root of a fresh data folder has no password. */
function users(password: string): string {
  return [
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';`,
    `CREATE USER '${SERVER_USER}'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO '${SERVER_USER}'@'%' WITH GRANT OPTION;`,
    "",
  ].join("\n");
}
