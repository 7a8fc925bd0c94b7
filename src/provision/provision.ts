import { ExploreError } from "../errors.ts";
import { sayWhenSlow } from "./say-when-slow.ts";
import { sweepLeftovers } from "./ownership/sweep.ts";
import type { ProvidedServer, ServerRequest } from "./server-request.ts";
import { WAYS } from "./ways/index.ts";
import { isWayUnavailable, type StartedServer, type Way, type WayPlace } from "./ways/way.ts";

/** Servers that were started for whoever asked, all of them ours. */
export interface Servers {
  /**
   * Finds or starts a server. Equal requests get the same one, also at the same time; one that has
   * ended meanwhile is started again.
   *
   * @param root - The folder of the Vitest project that asks.
   * @throws ExploreError `EXPLORE_NO_SERVER` with each way and why it did not work.
   */
  readonly provide: (request: ServerRequest, root: string) => Promise<ProvidedServer>;
  /** Ends them all; later requests are refused. */
  readonly stop: () => Promise<void>;
}

export interface ServersOptions {
  /** Default: all there are. */
  readonly ways?: readonly Way[];
  /** Told what takes so long. Default: nobody is. */
  readonly say?: (line: string) => void;
  /** Milliseconds after which a start is slow. Default: 1000. */
  readonly slowMs?: number;
}

/** Makes an owner of servers. Nothing starts until it is asked. */
export function createServers(options: ServersOptions = {}): Servers {
  const running = new Map<string, StartedServer>();
  const asked = new Map<string, Promise<StartedServer>>();
  let stopped = false;
  let swept: Promise<void> | undefined;

  async function find(request: ServerRequest, root: string): Promise<StartedServer> {
    const key = keyOf(request);
    const known = running.get(key);
    if (known !== undefined && (await known.isAlive())) return known;
    running.delete(key);
    await known?.stop();
    // What earlier runs left behind costs space, no more: it must not stop this one.
    swept ??= sweepLeftovers().catch(() => undefined);
    await swept;
    const server = await startFirst(request, root, options);
    running.set(key, server);
    return server;
  }

  function ask(request: ServerRequest, root: string): Promise<StartedServer> {
    const key = keyOf(request);
    const found = asked.get(key) ?? find(request, root).finally(() => asked.delete(key));
    asked.set(key, found);
    return found;
  }

  return {
    provide: async (request, root) => {
      if (stopped) throw noServer(request, "The run is over, and its servers have been stopped.");
      const { url, way } = await ask(request, root);
      return { url, way };
    },
    stop: async () => {
      stopped = true;
      await Promise.allSettled(asked.values());
      const servers = [...running.values()];
      running.clear();
      const results = await Promise.allSettled(servers.map((server) => server.stop()));
      for (const result of results) if (result.status === "rejected") throw result.reason;
    },
  };
}

/** Requests with equal keys are equal, whatever the order of their options. */
function keyOf({ kind, options }: ServerRequest): string {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return JSON.stringify([kind, given.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

async function startFirst(
  request: ServerRequest,
  root: string,
  { ways = WAYS, say = () => {}, slowMs = 1000 }: ServersOptions,
): Promise<StartedServer> {
  const { kind, options } = request;
  const reasons: (readonly [way: string, reason: string])[] = [];
  const causes: unknown[] = [];
  const progress = sayWhenSlow(say, slowMs);
  try {
    for (const way of ways) {
      if (options.way !== undefined && options.way !== way.name) continue;
      progress.say(`starting ${kind} (${way.name})`);
      const place: WayPlace = { root, say: progress.say };
      try {
        return await way.start(request, place);
      } catch (error) {
        reasons.push([way.name, error instanceof Error ? error.message : String(error)]);
        if (!isWayUnavailable(error)) causes.push(error);
      }
    }
  } finally {
    progress.done();
  }
  throw noServer(
    request,
    describeReasons(reasons),
    { reasons: Object.fromEntries(reasons) },
    causes,
  );
}

/** One way a line, reasons aligned; a reason of several lines stays in its column. */
function describeReasons(reasons: readonly (readonly [string, string])[]): string {
  const width = Math.max(...reasons.map(([way]) => way.length)) + 2;
  const lines = reasons.map(([way, reason]) => {
    const indented = reason.replaceAll("\n", `\n${" ".repeat(width + 2)}`);
    return `  ${`${way}:`.padEnd(width)}${indented}`;
  });
  return ["Tried, in order:", ...lines].join("\n");
}

// oxlint-disable-next-line max-params -- what happened, the facts in both forms, and the causes
function noServer(
  { kind, options }: ServerRequest,
  facts: string,
  details: object = {},
  causes: readonly unknown[] = [],
): ExploreError {
  const cure = "Make one of these work, or give the URL of a running server as `url`.";
  return new ExploreError(
    "EXPLORE_NO_SERVER",
    `No ${kind} server could be found or started on this machine. ${facts}\n${cure}`,
    { details: { kind, options, ...details }, ...(causes.length > 0 && { cause: causes[0] }) },
  );
}
