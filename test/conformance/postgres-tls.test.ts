import { spawnSync } from "node:child_process";
import { chmod, chown, copyFile, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lane, needs } from "../support/lane.ts";
import { connect, connectSystem } from "../support/postgres/connect.ts";
import type { TestServer } from "../support/postgres/server.ts";
import { probePostgres, startServer } from "../support/postgres/server.ts";

const OPENSSL = "openssl";
const SCHEMA = "CREATE TABLE orders (id int)";
const probe = async (): Promise<string | undefined> =>
  probePostgres() ?? needs(OPENSSL, ["version"])();

lane("postgres TLS", probe, () => {
  let folder = "";
  let encrypted: TestServer | undefined;
  let plain: TestServer | undefined;
  /** The certificate of the server, made for 127.0.0.1 and nothing else. */
  const own = (): string => join(folder, "own.crt");
  const foreign = (): string => join(folder, "foreign.crt");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "explore-tls-"));
    for (const name of ["own", "foreign"]) makeCertificate(join(folder, name));
    [encrypted, plain] = await Promise.all([startServer(), startServer()]);
    await encrypt(encrypted, join(folder, "own"));
  });
  afterAll(async () => {
    await Promise.all([encrypted?.stop(), plain?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  const address = (mode: string): string => `${plain?.url("postgres") ?? ""}?sslmode=${mode}`;
  const url = (query: string, host = "127.0.0.1"): string =>
    `${encrypted?.url("postgres").replace("127.0.0.1", host) ?? ""}?${query}`;

  describe("a server that refuses to do without", () => {
    test.for([
      ["nothing is said", () => url("")],
      ["sslmode=prefer", () => url("sslmode=prefer")],
      ["sslmode=require", () => url("sslmode=require")],
      ["sslmode=verify-ca", () => url(`sslmode=verify-ca&sslrootcert=${own()}`, "localhost")],
      ["sslmode=verify-full", () => url(`sslmode=verify-full&sslrootcert=${own()}`)],
    ] as const)("is spoken to encrypted when %s", async ([, address]) => {
      const { handle, adapter } = await connect({
        url: address(),
        schema: SCHEMA,
        isolation: "undo",
      });
      await adapter.open();

      expect(
        await handle.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
      ).toEqual([{ ssl: true }]);
    });

    test.for([
      ["sslmode=disable", () => url("sslmode=disable"), /no encryption/],
      [
        "an unknown certificate",
        () => url(`sslmode=verify-full&sslrootcert=${foreign()}`),
        /self-signed certificate/,
      ],
      [
        "the name of another machine",
        () => url(`sslmode=verify-full&sslrootcert=${own()}`, "localhost"),
        /localhost/,
      ],
    ] as const)("is not connected to with %s", async ([, address, reason]) => {
      await expect(connectSystem({ url: address(), schema: SCHEMA })).rejects.toMatchObject({
        code: "EXPLORE_ADAPTER_FAILED",
        message: expect.stringMatching(reason),
      });
    });

    test("is handed to the app with how to speak to it", async () => {
      const { handle } = await connect({ url: url("sslmode=require"), schema: SCHEMA });

      expect(handle.url).toMatch(/\?sslmode=require$/);
    });
  });

  describe("a server that cannot encrypt", () => {
    test.for(["disable", "allow", "prefer"])("is spoken to with sslmode=%s", async (mode) => {
      const { handle } = await connect({ url: address(mode), schema: SCHEMA });

      expect(await handle.query("SELECT * FROM orders")).toEqual([]);
    });

    test.for(["require", "verify-full"])("is refused with sslmode=%s", async (mode) => {
      await expect(connectSystem({ url: address(mode), schema: SCHEMA })).rejects.toMatchObject({
        code: "EXPLORE_ADAPTER_FAILED",
        message: expect.stringContaining("does not support SSL"),
      });
    });

    test("tells why it refuses a user, and not that it cannot encrypt", async () => {
      await plain?.run("CREATE ROLE barred NOLOGIN PASSWORD 'barred'");
      const barred = new URL(plain?.url("postgres") ?? "");
      barred.username = "barred";
      barred.password = "barred";

      await expect(connectSystem({ url: barred.href, schema: SCHEMA })).rejects.toMatchObject({
        code: "EXPLORE_ADAPTER_FAILED",
        message: expect.stringMatching(/not permitted to log in[^]*\n.*as whom to log in/),
      });
    });
  });
});

function makeCertificate(name: string): void {
  const { status, stderr } = spawnSync(
    OPENSSL,
    `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=explore -addext subjectAltName=IP:127.0.0.1 -keyout ${name}.key -out ${name}.crt`.split(
      " ",
    ),
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`openssl failed: ${stderr}`);
}

/** Has a server speak TLS, and nothing else. */
async function encrypt(server: TestServer, certificate: string): Promise<void> {
  const client = new Client({ connectionString: server.url("postgres") });
  await client.connect();
  const { rows } = await client.query<{ data_directory: string }>("SHOW data_directory");
  await client.end();
  const data = rows[0]?.data_directory ?? "";
  const { uid, gid } = await stat(data);
  for (const [setting, suffix] of [
    ["ssl_cert_file", "crt"],
    ["ssl_key_file", "key"],
  ] as const) {
    const file = join(data, `own.${suffix}`);
    await copyFile(`${certificate}.${suffix}`, file);
    await chmod(file, 0o600);
    await chown(file, uid, gid);
    await server.run(`ALTER SYSTEM SET ${setting} = '${file}'`);
  }
  await server.run("ALTER SYSTEM SET ssl = on");
  await writeFile(join(data, "pg_hba.conf"), "hostssl all all all trust\n");
  await server.run("SELECT pg_reload_conf()");
}
