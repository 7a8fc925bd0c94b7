import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Scripts that work with a database in a process of their own, until they are killed. */
const SCRIPTS = {
  crash: new URL("crash-process.ts", import.meta.url),
  testDatabase: new URL("test-database-process.ts", import.meta.url),
} as const;

/** Starts one of the scripts. */
export function startScript(
  name: keyof typeof SCRIPTS,
  args: readonly string[],
): ReturnType<typeof spawn> & { readonly stdout: NodeJS.ReadableStream; readonly pid: number } {
  const child = spawn(process.execPath, [fileURLToPath(SCRIPTS[name]), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { stdout, pid } = child;
  if (stdout === null || pid === undefined) throw new Error(`${name} did not start`);
  return Object.assign(child, { stdout, pid });
}
