import { fork } from "node:child_process";
import { once } from "node:events";

/** What became of a batch. */
export interface Written {
  readonly failed: number;
  /** The last failure. */
  readonly problem: string;
  /** Whether a transaction is still open. */
  readonly open: boolean;
}

/** A process that writes to a database through a connection of its own. */
export interface Writer {
  readonly pid: number;
  readonly write: (statements: readonly string[]) => Promise<Written>;
  readonly stop: () => Promise<void>;
}

/** Starts a process that has a database open. */
export async function startWriter(file: string): Promise<Writer> {
  const child = fork(new URL("writer-process.ts", import.meta.url), [file], { execArgv: [] });
  const [first] = await Promise.race([once(child, "message"), once(child, "exit")]);
  if (typeof first !== "object") throw new Error(`the writer ended with ${String(first)}`);
  return {
    pid: child.pid ?? 0,
    write: async (statements) => {
      const answered = once(child, "message");
      child.send(statements);
      return (await answered)[0] as Written;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}
