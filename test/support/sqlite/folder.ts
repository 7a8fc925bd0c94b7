import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new, empty folder outside the project. */
export function createFolder(): string {
  return mkdtempSync(join(tmpdir(), "explore-sqlite-"));
}

/** A folder that is removed with the test that asked for it. */
export function testFolder(): string {
  const folder = createFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
