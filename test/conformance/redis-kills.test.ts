import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { lane } from "../support/lane.ts";
import { ownTemporaryFolder } from "../support/provision/folder.ts";
import { connectDatabase } from "../support/redis/connect.ts";
import { readAll } from "../support/redis/read-all.ts";
import { appConnection, needsRedis, startServer } from "../support/redis/server.ts";
import { createRandom } from "../support/sqlite/random.ts";

/** More by hand: `EXPLORE_KILLS=200`. */
const KILLS = Number(process.env["EXPLORE_KILLS"] ?? 12);

const PROCESS = fileURLToPath(new URL("../support/redis/restless-process.ts", import.meta.url));

lane("kill -9 while a user's Redis database is explored", needsRedis, () => {
  test.for([
    { title: "a server that logs every write", args: ["--appendonly", "yes"] },
    { title: "a server that saves itself", args: ["--save", "1 1"] },
  ])("on $title nothing of the user's is lost, and the next start repairs", async ({ args }) => {
    ownTemporaryFolder();
    const folder = mkdtempSync(join(tmpdir(), "explore-redis-kept-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    let server = await startServer(args, { folder });
    onTestFinished(() => server.stop());
    const { host, port } = server;
    const options = { host, port, db: 5, testDatabase: true };
    const filling = await appConnection(port, 5);
    await filling.mset("name", "Ada", "count", "5");
    await filling.rpush("list", "a", "b");
    await filling.hset("hash", "field", "value");
    const before = await readAll(filling);
    // What it is killed for is not what the user has done a moment before.
    if (args[0] === "--save") await filling.save();
    const random = createRandom(11);

    for (let round = 0; round < KILLS; round += 1) {
      const child = spawn(process.execPath, [PROCESS, JSON.stringify(options)], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      const ended = once(child, "exit");
      await once(child.stdout, "data");
      const moment = 100 + random.below(600);
      await sleep(moment);
      const isServer = random.chance(0.5);
      if (isServer) {
        await server.stop();
        server = await startServer(args, { folder, on: port });
      }
      child.kill("SIGKILL");
      await ended;

      const where = `round ${round}: killed ${isServer ? "the server" : "us"} after ${moment} ms`;
      const { adapter, handle } = await connectDatabase(options);
      expect(await handle.get("name"), where).toBe("Ada");
      await adapter.open();
      await handle.flush();
      await adapter[Symbol.asyncDispose]();
      const app = await appConnection(port, 5);
      expect(await readAll(app), where).toEqual(before);
      expect(await app.dbsize(), where).toBe(4);
    }
  });
});
