import { mkdirSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { privateFolder } from "../../../../src/provision/ownership/private-folder.ts";
import { createServers } from "../../../../src/provision/provision.ts";
import { sweepLeftovers } from "../../../../src/provision/ownership/sweep.ts";
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

const days = (count: number): Date => new Date(Date.now() - count * 24 * 60 * 60 * 1000);

test("what has not been used for two weeks is removed", async () => {
  ownTemporaryFolder();
  for (const [name, age] of [
    ["postgres-old", 15],
    ["postgres-new", 13],
  ] as const) {
    const folder = join(privateFolder("templates"), name);
    mkdirSync(folder);
    utimesSync(folder, days(age), days(age));
  }

  await sweepLeftovers();

  expect(templates()).toEqual(["postgres-new"]);
});

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
