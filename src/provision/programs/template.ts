import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { cp, readFile, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { codeOf } from "../../errors.ts";
import type { FoundProgram } from "./find-program.ts";
import { removeOwned } from "../ownership/folders.ts";
import { letPass, privateFolder } from "../ownership/private-folder.ts";
import { exitText } from "../ownership/process-group.ts";
import { createServerFolder } from "./server-folder.ts";
import { createTail, serverEnvironment } from "./server-process.ts";
import { giveTo, type ServerUser } from "./server-user.ts";
import type { ServerProgram } from "../servers/server-program.ts";

/** A data folder to copy: making one takes seconds, copying it a tenth of one. */
export interface Template {
  /** The password of every copy until it gets its own. */
  readonly secret: string;
  /** Copies it to where nothing is yet. */
  readonly copyTo: (data: string) => Promise<void>;
  /** Discards it when files are missing: whatever cleans temporary folders may have taken them. */
  readonly discardIfBroken: () => Promise<boolean>;
}

/** What a template is made with. */
export interface TemplateRequest {
  readonly server: ServerProgram;
  readonly found: FoundProgram;
  readonly user: ServerUser | undefined;
  readonly say: (line: string) => void;
}

const MAKE_TIMEOUT_MS = 180_000;

/**
 * The template of a server program, made when there is none. Two processes may do so at once: each
 * makes its own aside, and the first to rename it wins.
 *
 * @returns `undefined` when the server needs no data folder.
 */
export async function findTemplate(request: TemplateRequest): Promise<Template | undefined> {
  const { server, found, user, say } = request;
  if (server.makeData === undefined) return undefined;
  const base = privateFolder("templates");
  if (user !== undefined) letPass(base);
  const folder = join(base, `${server.kind}-${await keyOf(request)}`);
  if (!(await exists(folder))) {
    say(`preparing ${server.kind}'s first data folder with ${found.folder} (once)`);
    await make(request, folder);
  }
  const data = join(folder, "data");
  // For the sweep: it is still of use.
  await utimes(folder, new Date(), new Date());
  return {
    secret: await readFile(join(folder, "secret"), "utf8"),
    copyTo: (target) => copy(data, target),
    discardIfBroken: async () => {
      if ((await countFiles(data)) === Number(await readFile(join(folder, "count"), "utf8"))) {
        return false;
      }
      await removeOwned(folder);
      return true;
    },
  };
}

/** Templates of programs that nobody has used for so long are removed. */
const KEEP_UNUSED_MS = 14 * 24 * 60 * 60 * 1000;

/** Removes the templates that have not been used for two weeks. */
export async function sweepTemplates(): Promise<void> {
  const base = privateFolder("templates");
  for (const name of await readdir(base)) {
    const { mtimeMs } = await stat(join(base, name));
    if (Date.now() - mtimeMs > KEEP_UNUSED_MS) await removeOwned(join(base, name));
  }
}

/** Another program, another version of it, another user or other settings: another template. */
async function keyOf({ server, found, user }: TemplateRequest): Promise<string> {
  const { program, helper } = found;
  const { size, mtimeMs } = await stat(program);
  const commands = server.makeData?.({ program, helper, data: "", secretFile: "" });
  const facts = JSON.stringify([program, size, mtimeMs, user?.uid, commands]);
  return createHash("sha256").update(facts).digest("hex").slice(0, 16);
}

async function make(request: TemplateRequest, folder: string): Promise<void> {
  const { server, found, user } = request;
  // Beside where it goes, since it can only be renamed within one file system.
  const aside = createServerFolder(user, tmpdir());
  try {
    const data = join(aside.path, "data");
    const secretFile = join(aside.path, "secret");
    await writeFile(secretFile, randomBytes(18).toString("hex"), { mode: 0o600 });
    giveTo(user, secretFile);
    const place = { ...found, data, secretFile };
    await runFirst(server.makeData?.(place) ?? [], { user, data, cwd: aside.path });
    await writeFile(join(aside.path, "count"), String(await countFiles(data)));
    await rename(aside.path, folder).catch((error: unknown) => {
      if (!isTaken(error)) throw error;
    });
  } finally {
    // Gone when it was renamed; still there when another process was faster.
    await aside.remove();
  }
}

/** Runs commands until one succeeds. */
async function runFirst(
  commands: readonly (readonly string[])[],
  { user, data, cwd }: Omit<RunPlace, "command"> & { readonly data: string },
): Promise<void> {
  let failure: unknown;
  for (const command of commands) {
    await rm(data, { recursive: true, force: true });
    try {
      return await runOnce({ command, user, cwd });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

interface RunPlace {
  readonly command: readonly string[];
  readonly user: ServerUser | undefined;
  readonly cwd: string;
}

async function runOnce({ command, user, cwd }: RunPlace): Promise<void> {
  const [program = "", ...args] = command;
  const identity = user && { uid: user.uid, gid: user.gid };
  const options = { ...identity, cwd, env: serverEnvironment(cwd), timeout: MAKE_TIMEOUT_MS };
  const output = createTail();
  const child = execFile(program, args, options);
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", output.append);
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (code !== 0) {
    throw new Error(`${basename(program)} ${exitText({ code, signal })}${output.lastLines()}`);
  }
}

async function copy(from: string, to: string): Promise<void> {
  if (process.platform === "win32") return cp(from, to, { recursive: true });
  // Keeps the owner, and shares blocks where the file system can.
  await promisify(execFile)("cp", ["-a", from, to]);
}

async function countFiles(folder: string): Promise<number> {
  return (await readdir(folder, { recursive: true })).length;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function isTaken(error: unknown): boolean {
  return ["ENOTEMPTY", "EEXIST", "EPERM"].some((code) => code === codeOf(error));
}
