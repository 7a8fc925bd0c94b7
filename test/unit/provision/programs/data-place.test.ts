import { existsSync, mkdirSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { ownIdentity } from "../../../../src/provision/ownership/owner.ts";
import { privateFolder } from "../../../../src/provision/ownership/private-folder.ts";
import { dataPlace } from "../../../../src/provision/programs/data-place.ts";
import { sweepServerFolders } from "../../../../src/provision/programs/server-folder.ts";
import { ownTemporaryFolder } from "../../../support/provision/folder.ts";

const MEMORY = "/dev/shm";

test("TMPDIR decides where servers keep their data", () => {
  const folder = ownTemporaryFolder();

  expect(dataPlace()).toBe(folder);
});

test("without it, they keep it in memory where that has room", () => {
  vi.stubEnv("TMPDIR", undefined);
  onTestFinished(() => void vi.unstubAllEnvs());

  const { bsize, bavail } = existsSync(MEMORY) ? statfsSync(MEMORY) : { bsize: 0, bavail: 0 };
  const hasRoom = process.platform === "linux" && bsize * bavail >= 4 * 1024 ** 3;
  expect(dataPlace()).toBe(hasRoom ? MEMORY : "/tmp");
});

test.runIf(existsSync(MEMORY))("what was left there is removed, wherever this one is", async () => {
  ownTemporaryFolder();
  const { pid, place } = ownIdentity();
  const left = join(privateFolder("servers", MEMORY), `${pid}-${place}-0-1`);
  mkdirSync(join(left, "data"), { recursive: true });
  onTestFinished(() => rmSync(left, { recursive: true, force: true }));

  const removed = await sweepServerFolders();

  expect(removed).toContain(left);
  expect(existsSync(left)).toBe(false);
});
