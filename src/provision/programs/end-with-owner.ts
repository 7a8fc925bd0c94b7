import { spawnSync } from "node:child_process";

let canBind: boolean | undefined;

/**
 * Has the system end a process with this one, however this one ends. Where it cannot, what
 * is left behind is ended by the next sweep.
 *
 * @see prctl(2), PR_SET_PDEATHSIG: the signal comes when the thread that started the process ends.
 */
export function endWithOwner(
  command: readonly string[],
  signal: "SIGKILL" | "SIGQUIT",
): readonly string[] {
  canBind ??=
    process.platform === "linux" &&
    spawnSync("setpriv", ["--pdeathsig", "KILL", "true"], { stdio: "ignore" }).status === 0;
  return canBind ? ["setpriv", "--pdeathsig", signal.slice(3), ...command] : command;
}
