import { isMainThread } from "node:worker_threads";

/** What has to be done at once when this process ends, in order. */
const actions = new Set<() => void>();

/** What a terminal, a supervisor or a closed terminal sends; they end a process without `exit`. */
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Has something done when this process ends by itself or is told to end. Synchronous: there is no
 * time to wait.
 *
 * @returns Takes it back.
 */
export function atOwnEnd(action: () => void): () => void {
  if (actions.size === 0) watchOwnEnd();
  actions.add(action);
  return () => {
    actions.delete(action);
    if (actions.size === 0) unwatchOwnEnd();
  };
}

function end(): void {
  for (const action of actions) action();
}

function endBySignal(signal: NodeJS.Signals): void {
  end();
  process.off(signal, endBySignal);
  // Having listened has kept the process alive; others who listen decide for themselves.
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

function watchOwnEnd(): void {
  process.on("exit", end);
  // Signals reach the main thread only. A worker thread's processes are left to the next sweep.
  if (!isMainThread) return;
  // First, since others may listen only once and would then seem not to have listened at all.
  for (const signal of ENDING_SIGNALS) process.prependListener(signal, endBySignal);
}

function unwatchOwnEnd(): void {
  process.off("exit", end);
  for (const signal of ENDING_SIGNALS) process.off(signal, endBySignal);
}
