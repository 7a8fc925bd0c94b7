import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { privateFolder } from "../../../../src/provision/private-folder.ts";
import { createServers } from "../../../../src/provision/servers.ts";
import { lane } from "../../../support/lane.ts";
import { ownTemporaryFolder } from "../../../support/provision/folder.ts";
import { needsServer } from "../../../support/provision/needs-server.ts";

const REQUEST = { kind: "postgres", options: { way: "binary" } } as const;
const TIMEOUT_MS = 120_000;

/** Starts a server as another process would, asks it something and stops it. */
async function startAnother(): Promise<unknown> {
  const servers = createServers();
  onTestFinished(() => servers.stop());
  const { url } = await servers.provide(REQUEST, process.cwd());
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query("SELECT count(*)::int AS databases FROM pg_database");
  await client.end();
  await servers.stop();
  return rows[0];
}

const templates = (): readonly string[] => readdirSync(privateFolder("templates"));

lane("the data folder that others are copied from", needsServer("postgres"), () => {
  test("is one, also when two make it at once", { timeout: TIMEOUT_MS }, async () => {
    ownTemporaryFolder();

    const answers = await Promise.all([startAnother(), startAnother()]);
    answers.push(await startAnother());

    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ databases: 3 })));
    expect(templates()).toHaveLength(1);
    expect(readdirSync(privateFolder("servers"))).toEqual([]);
  });

  test("is made anew when files of it are missing", { timeout: TIMEOUT_MS }, async () => {
    ownTemporaryFolder();
    await startAnother();
    const [name = ""] = templates();
    // As programs do that remove old files from temporary folders.
    rmSync(join(privateFolder("templates"), name, "data", "global"), { recursive: true });

    expect(await startAnother()).toEqual({ databases: 3 });
    expect(templates()).toEqual([name]);
  });
});
