import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { ownedPath } from "../ownership/folders.ts";
import { privateFolder } from "../ownership/private-folder.ts";

// A socket's path may have 103 bytes (macOS; Linux: 107); what we append has up to 66.
const MOST_BYTES = 36;

function temporary(): string {
  return Buffer.byteLength(tmpdir()) <= MOST_BYTES ? tmpdir() : "/tmp";
}

/** The folder of this user's sockets. */
export function socketFolder(): string {
  return privateFolder("sockets", temporary());
}

let sockets = 0;

/** A path for a socket of this process; on Windows the name of a pipe. */
export function socketPath(): string {
  if (process.platform === "win32") return `\\\\.\\pipe\\vitest-explore-${randomUUID()}`;
  sockets += 1;
  return ownedPath("sockets", String(sockets), temporary());
}
