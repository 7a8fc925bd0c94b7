import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, onTestFinished, vi } from "vitest";

/** Gives one test a folder for temporary files of its own, and so registries of its own. */
export function ownTemporaryFolder(): string {
  const folder = makeFolder();
  vi.stubEnv("TMPDIR", folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** The same for all tests of a file, which share what takes long to make. */
export function shareTemporaryFolder(): void {
  let folder: string;
  const before = process.env["TMPDIR"];
  beforeAll(() => {
    folder = makeFolder();
    process.env["TMPDIR"] = folder;
  });
  afterAll(() => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    rmSync(folder, { recursive: true, force: true });
  });
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "explore-test-"));
  // As the system's own: servers that refuse to run as root pass through it.
  chmodSync(folder, 0o711);
  return folder;
}
