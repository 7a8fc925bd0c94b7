import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { probeEngine, start } from "../support/containers/start.ts";
import { optionalLane } from "../support/lane.ts";

const OWNER = fileURLToPath(new URL("../support/containers/owner.ts", import.meta.url));

optionalLane("containers of killed runs", probeEngine, () => {
  test("are removed by the next start, and those of living runs are not", async () => {
    const [killed, killedUrl] = await startOwner();
    const [, livingUrl] = await startOwner();
    killed.kill("SIGKILL");
    await once(killed, "exit");
    expect(await isOpen(killedUrl), "before the next start").toBe(true);

    await start("redis");

    expect(await isOpen(killedUrl), "of the killed run").toBe(false);
    expect(await isOpen(livingUrl), "of the living run").toBe(true);
  });
});

async function startOwner(): Promise<readonly [ChildProcess, string]> {
  const env = { ...process.env, TESTCONTAINERS_RYUK_DISABLED: "true" };
  const owner = spawn(process.execPath, [OWNER], { env, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    owner.kill("SIGKILL");
    if (owner.exitCode === null && owner.signalCode === null) await once(owner, "exit");
    // What a test leaves behind is removed as any other leftover is.
    await (await start("redis")).stop();
  });
  const [text] = await once(owner.stdout, "data");
  return [owner, String(text).trim()];
}

function isOpen(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
