import { chownSync, readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import type { User } from "../ownership/process-group.ts";

/** A user of this machine who runs a server. */
export interface ServerUser extends User {
  readonly name: string;
}

/**
 * The user who runs a server when this process is root, which some servers refuse to run as.
 *
 * @param names - First choice first; empty: whoever runs this process.
 * @returns `undefined` for the user of this process.
 */
export function serverUser(names: readonly string[]): ServerUser | undefined {
  if (names.length === 0 || process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .map(([name = "", , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  const found = names
    .map((wanted) => users.find(({ name }) => name === wanted))
    .find((user) => user !== undefined);
  if (found !== undefined) return found;
  throw new Error(`it does not run as root, and there is no user ${names.join(" or ")}`);
}

/** Makes a file or folder the server's. */
export function giveTo(user: ServerUser | undefined, path: string): void {
  if (user !== undefined) chownSync(path, user.uid, user.gid);
}

/** Fails with a cure when the server's user cannot reach a folder. */
export function checkReach(user: ServerUser | undefined, folder: string): void {
  if (user === undefined) return;
  for (let each = folder; ; each = dirname(each)) {
    const { uid, gid, mode } = statSync(each);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) {
      throw new Error(
        `this is ${userInfo().username}, so ${user.name} runs it, who cannot reach ${each}; ` +
          "set TMPDIR to a folder that every user can reach",
      );
    }
    if (dirname(each) === each) return;
  }
}
