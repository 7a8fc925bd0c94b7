import { Agent, type Dispatcher } from "undici";
import { codeOf } from "../../errors.ts";
import { withDeadline } from "./deadline.ts";
import type { ResponseHeaders, Send, WireRequest, WireResponse } from "./types.ts";

/** Connections to an app through sockets. */
export interface Transport {
  readonly send: Send;
  readonly close: () => Promise<void>;
}

const CONNECTIONS = 64;
// Below what any common server keeps an idle connection open (gunicorn: 2 s), so that we are the
// first to close it and no request meets a connection that is being closed.
const IDLE_MS = 1000;
// What the kernel takes in one write. A longer body may have been read in part before EPIPE.
const ONE_WRITE_BYTES = 16 * 1024;

const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
const CLOSED_CODES: ReadonlySet<unknown> = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

/**
 * Opens connections of its own: neither the global dispatcher nor a proxy from the environment.
 *
 * @param options - `repeats`: send a request once more when a kept connection turns out to be closed.
 */
export function createTransport({ repeats }: { readonly repeats: boolean }): Transport {
  const agent = newAgent();
  let opened = 0;
  agent.on("connect", () => (opened += 1));

  return {
    send: async (request) => {
      const openedBefore = opened;
      try {
        return await attempt(agent, request);
      } catch (error) {
        // What fails on a new connection was not closed for having been idle.
        const isKept = opened === openedBefore;
        if (!repeats || !isKept || !isSafeToRepeat(request, error)) throw error;
        // On a connection of its own: other kept ones may be closed as well.
        const fresh = newAgent();
        try {
          return await attempt(fresh, request);
        } finally {
          await fresh.destroy();
        }
      }
    },
    close: () => agent.destroy(),
  };
}

async function attempt(agent: Agent, request: WireRequest): Promise<WireResponse> {
  const { method, url, headers, body } = request;
  return withDeadline(request, async (signal) => {
    const response = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: headers as Record<string, string>,
      body: body ?? null,
      signal,
    });
    const text = await response.body.text();
    return { status: response.statusCode, headers: readHeaders(response.headers), text };
  });
}

function newAgent(): Agent {
  return new Agent({
    connections: CONNECTIONS,
    keepAliveTimeout: IDLE_MS,
    // The deadline is over the whole exchange.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 0 },
  });
}

/**
 * A kept connection may be closed by the server just when it is used again. Repeating is safe when
 * the method allows it, or when the write itself was refused, so that nothing arrived.
 */
function isSafeToRepeat({ method, body }: WireRequest, error: unknown): boolean {
  const code = codeOf(error);
  if (!CLOSED_CODES.has(code)) return false;
  return IDEMPOTENT.has(method) || (code === "EPIPE" && sizeOf(body) <= ONE_WRITE_BYTES);
}

function sizeOf(body: string | Uint8Array | undefined): number {
  return body === undefined ? 0 : Buffer.byteLength(body);
}

function readHeaders(headers: Dispatcher.ResponseData["headers"]): ResponseHeaders {
  const read: Record<string, string | readonly string[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (name === "set-cookie") read[name] = typeof value === "string" ? [value] : (value ?? []);
    else if (value !== undefined) read[name] = typeof value === "string" ? value : value.join(", ");
  }
  return read;
}
