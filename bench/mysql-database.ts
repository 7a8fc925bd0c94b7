import { createConnection, type Connection } from "mysql2/promise";
import type { ConnectedSystem } from "../src/adapters/adapter.ts";
import { mysql, type MysqlHandle, type MysqlOptions } from "../src/adapters/mysql/index.ts";
import { SERVERS, startServer, type TestServer } from "../test/support/mysql/server.ts";
import { provideNothing } from "../test/support/provision/nothing.ts";

/** A server that ends with the benchmark. */
export interface BenchServer extends TestServer, AsyncDisposable {
  /** `MariaDB` or `MySQL`. */
  readonly product: string;
  readonly version: string;
}

/** Starts the first of the servers that the machine has. */
export async function startMysql(): Promise<BenchServer> {
  const [program] = SERVERS;
  if (program === undefined) throw new Error("there is no server");
  const server = await startServer(program);
  const [product = "", version = ""] = program.name.split(" ");
  return {
    ...server,
    product,
    version: `${version} (mysql2)`,
    [Symbol.asyncDispose]: server.stop,
  };
}

/** The driver's own connection, as an app has it. */
export function connectRaw(url: string): Promise<Connection> {
  return createConnection({ uri: url, multipleStatements: true });
}

const ACCOUNTS = `
  CREATE TABLE accounts (
    id      BIGINT AUTO_INCREMENT PRIMARY KEY,
    owner   VARCHAR(40) NOT NULL,
    balance BIGINT NOT NULL DEFAULT 0,
    note    VARCHAR(100),
    KEY accounts_owner (owner)
  )`;

/** Rows that one statement doubles the table by, at most. */
const FIRST = 1_000;

/** Makes a database with that many rows of about a hundred bytes: a thousand times a power of ten. */
export async function makeDatabase(
  server: TestServer,
  database: string,
  rows: number,
): Promise<void> {
  const digits =
    "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
  const places = Math.round(Math.log10(rows / FIRST)) + 3;
  const names = Array.from({ length: places }, (_, place) => `p${place}`);
  const number = names.map((name, place) => `${name}.d * ${10 ** place}`).join(" + ");
  await server.run(`CREATE DATABASE \`${database}\``);
  await server.run(
    `${ACCOUNTS};
    INSERT INTO accounts (id, owner, balance, note)
      SELECT i + 1, CONCAT('owner ', i), i % 1000, 'a note of some sixty letters, as one would find it in a table'
      FROM (SELECT ${number} AS i FROM ${names.map((name) => `${digits} AS ${name}`).join(" JOIN ")}) AS n ORDER BY i`,
    database,
  );
}

/** Copies a database of {@link makeDatabase}. */
export async function copyDatabase(
  server: TestServer,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  await server.run(
    `CREATE DATABASE \`${to}\`; CREATE TABLE \`${to}\`.accounts LIKE \`${from}\`.accounts;
     INSERT INTO \`${to}\`.accounts SELECT * FROM \`${from}\`.accounts`,
  );
}

/** Connects a copy of the database as a world would. */
export function connectMysql(options: MysqlOptions): Promise<ConnectedSystem<MysqlHandle>> {
  return mysql(options).connect({
    name: "db",
    slot: "bench",
    directory: process.cwd(),
    root: process.cwd(),
    handles: {},
    provide: provideNothing,
  });
}
