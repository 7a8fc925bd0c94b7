import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Runs a script of this folder in a process of its own until it ends; returns what it printed. */
export async function runScript(name: string, args: readonly string[]): Promise<string> {
  const child = startScript(name, args);
  const printed: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => printed.push(String(chunk)));
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${name} ended with ${String(code)}: ${printed.join("")}`);
  return printed.join("");
}

/** Starts a script of this folder. */
export function startScript(
  name: string,
  args: readonly string[],
): ReturnType<typeof spawn> & { readonly stdout: NodeJS.ReadableStream; readonly pid: number } {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { stdout, pid } = child;
  if (stdout === null || pid === undefined) throw new Error(`${name} did not start`);
  return Object.assign(child, { stdout, pid });
}
