import { setTimeout as sleep } from "node:timers/promises";
import type { App } from "./app.ts";
import { appDied, appNotReady, appUnreachable, reasonOf, type AppFacts } from "./failures.ts";
import { createOutput, type Output } from "./output.ts";
import { HOST, freePort, isFree } from "../../provision/port.ts";
import {
  exitText,
  startProcess,
  type Launch,
  type ProcessGroup,
} from "../../provision/ownership/process-group.ts";
import { canConnect, waitUntilReady, type ReadyCheck } from "./ready.ts";
import { createTransport, type Transport } from "./transport.ts";

/** An app that we start, with everything known before it has a port. */
export interface CommandPlan {
  readonly command: string | readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Absent: a free one. */
  readonly port: number | undefined;
  readonly readyTimeoutMs: number;
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  /** Builds the check once the app can be spoken to. */
  readonly readyCheck: (app: Pick<App, "url" | "send" | "explain">) => ReadyCheck;
  /** What the check waits for, in words. */
  readonly readyFor: string;
}

// A dying process closes its connections before its exit is told.
const EXIT_NEWS_MS = 250;
const CONNECT_MS = 1000;

/**
 * Starts the app and waits until it serves.
 *
 * @throws ExploreError `EXPLORE_APP_NOT_READY` when it ends before or the time is up.
 */
export async function startCommandApp(plan: CommandPlan): Promise<App> {
  const port = plan.port ?? (await freePort());
  const context: Context = {
    plan,
    port,
    output: createOutput(),
    transport: createTransport({ repeats: true }),
    url: `http://${HOST}:${port}`,
  };
  try {
    return createApp(context, await start(context));
  } catch (error) {
    await context.transport.close();
    throw error;
  }
}

interface Context {
  readonly plan: CommandPlan;
  readonly port: number;
  readonly url: string;
  readonly output: Output;
  readonly transport: Transport;
}

function createApp(context: Context, first: ProcessGroup): App {
  const { url, output, transport } = context;
  const facts = factsOf(context);
  let running = first;
  // A request failed without the process having ended: it may not accept connections any more.
  let suspect = false;
  // It may still work on a request that nobody waits for, and write when another branch runs.
  let overdue = false;

  /** Why it must be started again; `undefined` when it need not. */
  async function defect(): Promise<string | undefined> {
    const exit = running.exit();
    if (exit !== undefined) return exitText(exit);
    if (overdue) return "did not answer in time";
    if (!suspect) return undefined;
    return canConnect(url, CONNECT_MS).then(
      () => undefined,
      () => "accepted no connection",
    );
  }

  return {
    url,
    send: transport.send,
    output,
    explain: async (cause, during) => {
      suspect = true;
      const exit = await Promise.race([running.exited, sleep(EXIT_NEWS_MS, undefined)]);
      if (exit === undefined) return appUnreachable(url, during, cause);
      return appDied(facts, { exit, during, cause });
    },
    giveUp: () => {
      overdue = true;
    },
    assertAlive: () => {
      const exit = running.exit();
      if (exit !== undefined) throw appDied(facts, { exit, during: "after the last step" });
    },
    revive: async () => {
      const reason = await defect();
      if (reason !== undefined) {
        await running.stop();
        output.append(`[vitest-explore] the app ${reason}; started again\n`);
        running = await start(context);
      }
      suspect = false;
      overdue = false;
    },
    close: async () => {
      await transport.close();
      await running.stop();
    },
  };
}

// What it means that an app does not serve yet is said where it is waited for.
async function bareReason(cause: unknown): Promise<unknown> {
  return cause;
}

async function start(context: Context): Promise<ProcessGroup> {
  const { plan, port, transport, url } = context;
  const facts = factsOf(context);
  if (!(await isFree(port))) {
    throw appNotReady(facts, { problem: `port ${port} is taken by another process` });
  }
  const started = await startProcess(launchOf(context)).catch((cause: unknown) => {
    throw appNotReady(facts, { problem: `it cannot be started (${reasonOf(cause)})`, cause });
  });
  const startMs = performance.now();
  const check = plan.readyCheck({ url, send: transport.send, explain: bareReason });
  const late = await Promise.race([
    waitUntilReady(check, {
      timeoutMs: plan.readyTimeoutMs,
      gone: () => started.exit() !== undefined,
    }),
    started.exited.then(() => ({ reason: undefined })),
  ]);
  if (late === undefined) return started;
  // Read before `stop`, which ends it by a signal of ours.
  const exit = started.exit() === undefined ? undefined : await started.exited;
  await started.stop();
  const afterMs = Math.round(performance.now() - startMs);
  const problem =
    exit === undefined
      ? `${plan.readyFor} failed for ${plan.readyTimeoutMs} ms (last: ${reasonOf(late.reason)})`
      : `it ${exitText(exit)} after ${afterMs} ms, while waiting for ${plan.readyFor}`;
  throw appNotReady(facts, { problem, exit, cause: late.reason });
}

function launchOf({ plan, port, output }: Context): Launch {
  const { command, cwd, env, stopSignal, stopTimeoutMs } = plan;
  const withPort = (text: string): string => text.replaceAll("{port}", String(port));
  return {
    command: typeof command === "string" ? withPort(command) : command.map(withPort),
    cwd,
    env: { ...process.env, PORT: String(port), HOST, ...env },
    stopSignal,
    stopTimeoutMs,
    print: output.append,
  };
}

function factsOf({ plan, url, output }: Context): AppFacts {
  const { command, cwd } = plan;
  return { command: typeof command === "string" ? command : command.join(" "), cwd, url, output };
}
