import { once } from "node:events";
import { createServer, Server, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { show, usageError } from "../../errors.ts";
import type { App } from "./app.ts";
import { orAborted, withDeadline } from "./deadline.ts";
import { appThrew, appUnreachable } from "./failures.ts";
import { HOST } from "../../provision/port.ts";
import { createTransport } from "./transport.ts";
import type { ResponseHeaders, WireRequest, WireResponse } from "./types.ts";

/** A handler in the terms of the web: what Hono, Elysia and `Bun.serve` have. */
export type FetchHandler = (request: Request) => Response | Promise<Response>;

/** A handler as `http.createServer` takes it; an Express app is one, too. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Express, Koa and the like: starts an `http.Server` and returns it. */
export interface Listener {
  readonly listen: (port: number, host: string) => unknown;
}

/** An app in the test's own process that is no bare function. */
export type HandlerObject = Server | { readonly fetch: FetchHandler } | Listener;

/** An app in the test's own process. */
export type Handler = HandlerObject | NodeHandler | FetchHandler;

/** What to serve, and whose it is. */
export interface HandlerPlan {
  readonly handler: unknown;
  readonly kind: "node" | "fetch" | undefined;
  /** Made for this world alone, so it is closed with it. */
  readonly made: boolean;
}

/** Requests to a fetch handler go to this name; nothing listens there. */
const FETCH_URL = "http://app.localhost";

/** Whether a value is an app by itself; a function of one parameter may be a factory of one. */
export function isHandler(value: unknown): value is HandlerObject | NodeHandler {
  if (typeof value === "function" && value.length >= 2) return true;
  return value instanceof Server || hasMethod(value, "fetch") || hasMethod(value, "listen");
}

/**
 * Serves an app in this process: a fetch handler is called, everything else gets a loopback socket.
 *
 * @throws ExploreError `EXPLORE_USAGE` when it is neither.
 */
export async function startHandlerApp(where: string, plan: HandlerPlan): Promise<App> {
  const { handler, kind, made } = plan;
  // A server that listens before it is given is the spec's own to close.
  if (handler instanceof Server) return serverApp(handler, made || !handler.listening);
  if (kind === undefined && hasMethod(handler, "fetch")) {
    return fetchApp((request) => handler.fetch(request) as Promise<Response>);
  }
  if (typeof handler === "function") {
    const isNode = kind === undefined ? handler.length >= 2 : kind === "node";
    return isNode ? guardedApp(handler as NodeHandler) : fetchApp(handler as FetchHandler);
  }
  const server = hasMethod(handler, "listen") ? handler.listen(0, HOST) : undefined;
  if (server instanceof Server) {
    if (!server.listening) await once(server, "listening");
    return serverApp(server, true);
  }
  throw usageError(
    where,
    `must give a handler, got ${show(handler)}`,
    "Give a fetch handler, an object with fetch, a Node (request, response) handler or an http.Server.",
  );
}

function hasMethod<Name extends string>(
  value: unknown,
  name: Name,
): value is { readonly [K in Name]: (...args: readonly unknown[]) => unknown } {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return typeof (value as Readonly<Record<string, unknown>>)[name] === "function";
}

/** Serves a Node handler so that what it throws reaches the action, not the process. */
async function guardedApp(handler: NodeHandler): Promise<App> {
  let thrown: { readonly cause: unknown } | undefined;
  const server = createServer((request, response) => {
    const fail = (cause: unknown): void => {
      // The action has its answer: nobody is left to tell but the process.
      if (response.writableEnded) throw cause;
      thrown = { cause };
      response.destroy();
    };
    try {
      const result = handler(request, response);
      if (result instanceof Promise) void result.catch(fail);
    } catch (cause) {
      fail(cause);
    }
  });
  const app = await serverApp(server, true);
  return {
    ...app,
    explain: async (cause, during) => {
      const failure = thrown;
      thrown = undefined;
      return failure === undefined ? app.explain(cause, during) : appThrew(during, failure.cause);
    },
  };
}

async function serverApp(server: Server, ours: boolean): Promise<App> {
  if (!server.listening) {
    server.listen(0, HOST);
    await once(server, "listening");
  }
  // In this process nobody closes an idle connection behind our back.
  const transport = createTransport({ repeats: false });
  const url = urlOf(server);
  return {
    url,
    send: transport.send,
    explain: async (cause, during) => appUnreachable(url, during, cause),
    assertAlive: () => {},
    revive: async () => {},
    close: async () => {
      await transport.close();
      if (!ours || !server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  if (address === "::" || address === "0.0.0.0") return `http://${HOST}:${port}`;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

function fetchApp(handler: FetchHandler): App {
  return {
    url: FETCH_URL,
    send: (request) => callHandler(handler, request),
    explain: async (cause, during) => appThrew(during, cause),
    assertAlive: () => {},
    revive: async () => {},
    close: async () => {},
  };
}

async function callHandler(handler: FetchHandler, request: WireRequest): Promise<WireResponse> {
  const { method, url, headers, body } = request;
  return withDeadline(request, async (signal) => {
    const answer = async (): Promise<WireResponse> => {
      // Bytes over shared memory are no body for the type, and none are made here.
      const content = (body ?? null) as string | Uint8Array<ArrayBuffer> | null;
      const response = await handler(new Request(url, { method, headers, body: content, signal }));
      return {
        status: response.status,
        headers: readHeaders(response.headers),
        text: await response.text(),
      };
    };
    return orAborted(answer(), signal);
  });
}

function readHeaders(headers: Headers): ResponseHeaders {
  const cookies = headers.getSetCookie();
  const read = Object.fromEntries(headers);
  return cookies.length === 0 ? read : { ...read, "set-cookie": cookies };
}
