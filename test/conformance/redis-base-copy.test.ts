import { readdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { baseCopy, type BaseCopy, type ServerFacts } from "../../src/adapters/redis/base-copy.ts";
import { loadRedis } from "../../src/adapters/redis/driver.ts";
import { privateFolder } from "../../src/provision/ownership/private-folder.ts";
import { lane } from "../support/lane.ts";
import { ownTemporaryFolder } from "../support/provision/folder.ts";
import { ownServer } from "../support/redis/connect.ts";
import { needsRedis } from "../support/redis/server.ts";

/** What the server says of itself when the run begins. */
const FACTS: ServerFacts = { runId: "first start", saves: "1", isSaving: false, logsWrites: false };

/** The copy of a database with one key, as a run has made it. */
async function madeCopy(): Promise<BaseCopy> {
  ownTemporaryFolder();
  const { host, port } = await ownServer();
  const none = { username: undefined, password: undefined, socket: undefined };
  const server = await loadRedis("cache", { host, port, tls: false, ...none }, 5000);
  const client = await server.connect(5);
  onTestFinished(() => client.disconnect());
  await client.call("SET", "name", "Ada");
  const base = baseCopy(server, 5, FACTS);
  await base.make({ client, system: "cache", hasFieldTimes: false }, "our marker");
  return base;
}

const copies = (): number => readdirSync(privateFolder("databases")).length;

lane("the copy of a user's Redis database", needsRedis, () => {
  test("goes with the run when the server has not saved itself meanwhile", async () => {
    const base = await madeCopy();

    base.retire(FACTS, true);

    expect(copies()).toBe(0);
  });

  test.for([
    { what: "that is done", now: { ...FACTS, saves: "2" } },
    { what: "that is at work", now: { ...FACTS, isSaving: true } },
  ])("stays when a saving $what may hold the run", async ({ now }) => {
    const base = await madeCopy();

    base.retire(now, true);

    expect(copies()).toBe(1);
    expect(base.read("our marker")).toHaveLength(1);
  });

  test("stays until a later saving is done, not only begun", async () => {
    const base = await madeCopy();
    base.retire({ ...FACTS, saves: "2" }, true);

    base.retire({ ...FACTS, saves: "2", isSaving: true }, true);
    expect(copies()).toBe(1);

    base.retire({ ...FACTS, saves: "3" }, true);
    expect(copies()).toBe(0);
  });

  test("outlives the saving that was at work when the run ended", async () => {
    const base = await madeCopy();
    base.retire({ ...FACTS, isSaving: true }, true);

    base.retire({ ...FACTS, saves: "2" }, true);
    expect(copies()).toBe(1);

    base.retire({ ...FACTS, saves: "3" }, true);
    expect(copies()).toBe(0);
  });
});
