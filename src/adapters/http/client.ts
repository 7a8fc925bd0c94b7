import { isExploreError, show, usageError } from "../../errors.ts";
import type { App } from "./app.ts";
import type { Sessions } from "./cookies.ts";
import { TIMED_OUT } from "./deadline.ts";
import type { Exchanges } from "./exchanges.ts";
import { requestTimeout } from "./failures.ts";
import { followRedirect } from "./redirect.ts";
import { encodeBody, mergeHeaders, requestUrl } from "./request.ts";
import { createResponse } from "./response.ts";
import type {
  HttpClient,
  HttpRequest,
  HttpResponse,
  RequestHeaders,
  RequestOptions,
  WireRequest,
  WireResponse,
} from "./types.ts";

/** What all clients of one world share. */
export interface ClientCore {
  readonly app: Pick<App, "url" | "send" | "explain" | "output" | "giveUp">;
  readonly sessions: Sessions;
  readonly requestTimeoutMs: number;
  /** Requests that have no response yet, as `POST /orders`. */
  readonly underWay: Set<{ readonly name: string; readonly ended: Promise<void> }>;
  readonly exchanges: Pick<Exchanges, "begin">;
}

const MAX_REDIRECTS = 10;

/** Makes a client; those made by `with` and `session` differ in headers and session alone. */
export function createClient(
  core: ClientCore,
  session: string,
  defaults: RequestHeaders,
): HttpClient {
  const send = <Body>(request: HttpRequest): Promise<HttpResponse<Body>> =>
    followed(core, request, () => exchange<Body>({ core, session, defaults }, request));
  const bodiless =
    (method: string) =>
    <Body>(path: string, options?: RequestOptions) =>
      send<Body>({ ...options, method, path });
  const withBody =
    (method: string) =>
    <Body>(path: string, body?: unknown, options?: RequestOptions) =>
      send<Body>({ ...options, ...(body === undefined ? {} : { body }), method, path });
  return {
    get: bodiless("GET"),
    delete: bodiless("DELETE"),
    head: bodiless("HEAD"),
    options: bodiless("OPTIONS"),
    post: withBody("POST"),
    put: withBody("PUT"),
    patch: withBody("PATCH"),
    request: (request) => send({ ...request, method: request.method.toUpperCase() }),
    with: ({ headers }) => createClient(core, session, mergeHeaders(defaults, headers)),
    session: (name) => createClient(core, core.sessions.start(readName(name)), defaults),
    url: core.app.url,
    get log() {
      return core.app.output?.text() ?? "";
    },
  };
}

function readName(name: unknown): string | undefined {
  if (name === undefined || (typeof name === "string" && /^[^#]/.test(name))) return name;
  throw usageError(
    "api.session: name",
    `must be a string that does not begin with #, got ${show(name)}`,
    "Give a name to find the session again, or none for a new one.",
  );
}

function followed<T>(
  { underWay }: ClientCore,
  { method, path }: HttpRequest,
  send: () => Promise<T>,
): Promise<T> {
  const sent = send();
  const end = (): void => void underWay.delete(request);
  const request = { name: `${method} ${path}`, ended: sent.then(end, end) };
  underWay.add(request);
  return sent;
}

interface Sender {
  readonly core: ClientCore;
  readonly session: string;
  readonly defaults: RequestHeaders;
}

async function exchange<Body>(sender: Sender, request: HttpRequest): Promise<HttpResponse<Body>> {
  const { core, defaults } = sender;
  const startMs = performance.now();
  const url = requestUrl(core.app.url, request);
  const { content, contentType } = await encodeBody(request);
  const headers = mergeHeaders({ "content-type": contentType }, defaults, request.headers);
  let wire: WireRequest = {
    method: request.method,
    url,
    headers,
    body: content,
    timeoutMs: request.timeoutMs ?? core.requestTimeoutMs,
    signal: request.signal,
  };
  let answer = await sendOnce(sender, wire);
  for (let step = 0; request.redirect === "follow" && step < MAX_REDIRECTS; step += 1) {
    const next = followRedirect(wire, answer);
    if (next === undefined) break;
    wire = next;
    answer = await sendOnce(sender, wire);
  }
  const facts = {
    method: request.method,
    path: url.pathname + url.search,
    url: wire.url.href,
    requestBody: content,
    durationMs: performance.now() - startMs,
  };
  return createResponse<Body>(facts, answer);
}

async function sendOnce(sender: Sender, wire: WireRequest): Promise<WireResponse> {
  const { core, session } = sender;
  const cookie = wire.headers["cookie"] ?? core.sessions.cookieHeader(session, wire.url);
  const request = cookie === undefined ? wire : { ...wire, headers: { ...wire.headers, cookie } };
  const begun = core.exchanges.begin(request);
  let answer: WireResponse;
  try {
    answer = await core.app.send(request);
  } catch (error) {
    const explained = await explain(sender, wire, error);
    begun.failed(explained);
    throw explained;
  }
  begun.answered(answer);
  const cookies = answer.headers["set-cookie"];
  if (cookies !== undefined) core.sessions.accept(session, wire.url, cookies);
  return answer;
}

async function explain({ core }: Sender, wire: WireRequest, error: unknown): Promise<unknown> {
  const during = `during ${wire.method} ${wire.url.pathname}${wire.url.search}`;
  if (error === TIMED_OUT || wire.signal?.aborted === true) core.app.giveUp?.();
  if (error === TIMED_OUT) return requestTimeout(during, wire.timeoutMs, core.app.output);
  // The caller's own abort goes back to the caller as it is.
  if (wire.signal?.aborted === true || isExploreError(error)) return error;
  return core.app.explain(error, during);
}
