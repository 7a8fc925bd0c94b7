import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";

/** Gives one test a folder for temporary files of its own, and so registries of its own. */
export function ownTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "explore-test-"));
  vi.stubEnv("TMPDIR", folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
