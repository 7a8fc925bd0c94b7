import { Server } from "node:http";
import { resolve } from "node:path";
import { usageError } from "../../errors.ts";
import type { Adapter, Isolation, System, SystemEnvironment } from "../adapter.ts";
import { defineAdapter } from "../define-adapter.ts";
import type { App } from "./app.ts";
import { type ClientCore, createClient } from "./client.ts";
import { startCommandApp } from "./command-app.ts";
import { createSessions, FIRST_SESSION, type SavedSessions } from "./cookies.ts";
import { connectGivenApp } from "./given-app.ts";
import { isHandler, startHandlerApp, type HandlerPlan } from "./handler-app.ts";
import { createExchanges } from "./exchanges.ts";
import { guardHandles, readEnv } from "./handles.ts";
import type { AnyHttpOptions, Handles, HttpOptions } from "./options.ts";
import { inputsOf } from "./inputs.ts";
import { describeReady, readyCheck, type ReadyCheck } from "./ready.ts";
import type { HttpClient } from "./types.ts";
import { readOptions } from "./validate.ts";

export type { HttpOptions } from "./options.ts";
export type {
  ExpectedStatus,
  HttpClient,
  HttpRequest,
  HttpResponse,
  RequestOptions,
} from "./types.ts";

// A request's own error says more than that of the step around it, which has Vitest's 5 s.
const DEFAULTS = { requestTimeoutMs: 4000, readyTimeoutMs: 30_000, stopTimeoutMs: 2000 } as const;

/**
 * The app under exploration, spoken to over HTTP: one that runs already (`url`), one that is started
 * for each world (`command`), or one in the test's own process (`app`).
 *
 * @throws ExploreError `EXPLORE_USAGE` for an unknown, misplaced or wrong option.
 */
export function http<H = Handles>(options: HttpOptions<H>): System<HttpClient> {
  const given = readOptions(options);
  return {
    kind: "http",
    // One app that all worlds would share; everything else is started or made for each.
    exclusive: given.url !== undefined || given.app instanceof Server,
    ...(given.app instanceof Server && { isPerProcess: true }),
    stage: "app",
    // An app that runs already may be another one by now.
    ...(given.url === undefined && { inputs: inputsOf(given) }),
    connect: async (environment) => {
      const app = await startApp(given, environment);
      const sessions = createSessions();
      const underWay: ClientCore["underWay"] = new Set();
      const exchanges = createExchanges();
      const handle = clientOf(given, app, { sessions, underWay, exchanges });
      const adapter = adapterOf(given, environment, { app, sessions, underWay });
      const { output } = app;
      return { handle, adapter, exchanges, ...(output === undefined ? {} : { output }) };
    },
  };
}

type Jars = Pick<ClientCore, "sessions" | "underWay" | "exchanges">;

interface Parts extends Omit<Jars, "exchanges"> {
  readonly app: App;
}

/** For requests of our own, which leave no trace in the world. */
function ownJars(): Jars {
  return { sessions: createSessions(), underWay: new Set(), exchanges: createExchanges() };
}

function clientOf(
  { headers = {}, requestTimeoutMs = DEFAULTS.requestTimeoutMs }: AnyHttpOptions,
  app: Pick<App, "url" | "send" | "explain" | "output" | "giveUp">,
  jars: Jars,
): HttpClient {
  return createClient({ ...jars, app, requestTimeoutMs }, FIRST_SESSION, headers);
}

async function startApp(given: AnyHttpOptions, environment: SystemEnvironment): Promise<App> {
  const where = `http (${environment.name})`;
  const { ready, url } = given;
  const readyTimeoutMs = readyTimeoutOf(given);
  // With cookies of its own, so that waiting leaves no trace in the world.
  const checkFor = (app: Parameters<typeof clientOf>[1]): ReadyCheck =>
    readyCheck(ready, clientOf(given, app, ownJars()));
  if (url !== undefined) {
    return connectGivenApp({
      url: url.replace(/\/+$/, ""),
      readyTimeoutMs,
      readyCheck: ready === undefined ? undefined : checkFor,
    });
  }
  if (given.command === undefined) {
    return startHandlerApp(`${where}: app`, await planHandler(given, where, environment));
  }
  const { command, cwd = ".", port, stopSignal = "SIGTERM" } = given;
  const { stopTimeoutMs = DEFAULTS.stopTimeoutMs } = given;
  return startCommandApp({
    command,
    cwd: resolve(environment.root, cwd),
    env: readEnv(`${where}: env`, given.env, environment.handles),
    port,
    readyTimeoutMs,
    stopSignal,
    stopTimeoutMs,
    readyCheck: checkFor,
    readyFor: describeReady(ready),
  });
}

function readyTimeoutOf({ ready, readyTimeoutMs }: AnyHttpOptions): number {
  const own = typeof ready === "object" ? ready.timeoutMs : undefined;
  return own ?? readyTimeoutMs ?? DEFAULTS.readyTimeoutMs;
}

async function planHandler(
  { app, kind }: AnyHttpOptions,
  where: string,
  { handles }: SystemEnvironment,
): Promise<HandlerPlan> {
  if (kind !== undefined || isHandler(app) || typeof app !== "function") {
    return { handler: app, kind, made: false };
  }
  const make = app as (handles: unknown) => unknown;
  return { handler: await make(guardHandles(`${where}: app`, handles)), kind, made: true };
}

function adapterOf(
  given: AnyHttpOptions,
  { name, handles }: SystemEnvironment,
  { app, sessions, underWay }: Parts,
): Adapter {
  async function reset(): Promise<void> {
    if (given.reset === undefined) return;
    const client = clientOf(given, app, ownJars());
    await given.reset(client, guardHandles(`http (${name}): reset`, handles));
  }

  return defineAdapter<SavedSessions>(name, {
    open: () => ({
      isolation: isolationOf(given),
      capabilities: { history: "tree", scope: "server", schema: true, counters: true },
    }),
    save: () => {
      app.assertAlive();
      return sessions.save();
    },
    settle: async () => {
      // Nobody waits for these any more when the action failed first; they may still write.
      await Promise.all(Array.from(underWay, ({ ended }) => ended));
      await app.revive();
    },
    restore: async (saved) => {
      sessions.restore(saved);
      await reset();
    },
    observe: sessions.observe,
    diff: (since) => {
      // A dead app is no state: without this, a death after the response would go unnoticed.
      app.assertAlive();
      // Its effect would show up in another branch.
      for (const request of underWay) throw notAwaited(name, request.name);
      return sessions.diff(since);
    },
    close: app.close,
  });
}

function notAwaited(system: string, request: string): Error {
  return usageError(
    `${system}: ${request}`,
    "was still under way when its step was over, so what it does would be taken for another step's doing",
    "Await the request in the action, or return it.",
  );
}

function isolationOf({ reset }: AnyHttpOptions): Isolation {
  return {
    mode: "cookies",
    reason: "the client's cookies are all that it keeps; what the app stores is other systems'",
    notRestored: reset === undefined ? ["memory of the app process"] : [],
  };
}
