/** What a query or a header may hold; `undefined` and `null` leave the name out. */
export type Scalar = string | number | boolean | null | undefined;

/** What is put behind `?`; a list gives its name once for each value. */
export type Query = URLSearchParams | Readonly<Record<string, Scalar | readonly Scalar[]>>;

/** A header's values by name; `undefined` removes a default header. */
export type RequestHeaders = Readonly<Record<string, string | number | undefined>>;

/** How one request differs from the client's defaults. */
export interface RequestOptions {
  readonly headers?: RequestHeaders;
  /** Added to the path's own query. An array repeats its name. */
  readonly query?: Query;
  /** Sent as JSON, whatever it is; `null`, numbers and strings too. */
  readonly json?: unknown;
  /**
   * Strings, bytes, `FormData`, `URLSearchParams` and `Blob` are sent as they are; everything else
   * as JSON.
   */
  readonly body?: unknown;
  /** Milliseconds until the whole response must be there. Defaults to `requestTimeoutMs`. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** `manual` (default) hands the redirect out as a response; `follow` goes at most 10 steps. */
  readonly redirect?: "manual" | "follow";
}

/** A status, or a class of them. */
export type ExpectedStatus = number | "1xx" | "2xx" | "3xx" | "4xx" | "5xx";

/** What a body is when the spec does not say: an object whose values must be looked at. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What the app answered. Any status is an answer; only `expectStatus` throws. */
export interface HttpResponse<Body = JsonObject> {
  readonly status: number;
  /** Whether the status is 200 to 299. */
  readonly ok: boolean;
  /** By lower-case name; repeated headers are joined by a comma, except `set-cookie`. */
  readonly headers: ResponseHeaders;
  /** The parsed body when its content type is JSON, else the text; `undefined` when it is empty. */
  readonly body: Body;
  readonly text: string;
  /** The whole URL; after redirects, the last one. */
  readonly url: string;
  readonly method: string;
  /** The path as it was requested, with the query. */
  readonly path: string;
  readonly durationMs: number;
  /**
   * Returns the response itself when its status is one of `statuses`, e.g. `201` or `"2xx"`.
   *
   * @throws ExploreError `EXPLORE_UNEXPECTED_RESPONSE` showing request and response.
   */
  readonly expectStatus: (...statuses: readonly ExpectedStatus[]) => HttpResponse<Body>;
}

/** Headers of a response by name, in lower case; `set-cookie` is always a list. */
export interface ResponseHeaders {
  readonly "set-cookie"?: readonly string[];
  readonly [name: string]: string | readonly string[] | undefined;
}

/** One request in full. */
export interface HttpRequest extends RequestOptions {
  readonly method: string;
  /** Starts with `/`; joined to the base URL. */
  readonly path: string;
}

type Bodiless = <Body = JsonObject>(
  path: string,
  options?: RequestOptions,
) => Promise<HttpResponse<Body>>;

type WithBody = <Body = JsonObject>(
  path: string,
  body?: unknown,
  options?: RequestOptions,
) => Promise<HttpResponse<Body>>;

/**
 * Speaks HTTP to the app under exploration. Its cookies are part of the world: they are rolled back
 * with it.
 *
 * Every verb rejects with an ExploreError: `EXPLORE_REQUEST_TIMEOUT` when the response is late,
 * `EXPLORE_APP_DIED` or `EXPLORE_APP_UNREACHABLE` when there is no connection.
 */
export interface HttpClient {
  readonly get: Bodiless;
  readonly delete: Bodiless;
  readonly head: Bodiless;
  readonly options: Bodiless;
  readonly post: WithBody;
  readonly put: WithBody;
  readonly patch: WithBody;
  readonly request: <Body = JsonObject>(request: HttpRequest) => Promise<HttpResponse<Body>>;
  /** A client with more default headers (and the same cookies). */
  readonly with: (defaults: { readonly headers: RequestHeaders }) => HttpClient;
  /**
   * A client with cookies of its own: another user. The same name gives the same cookies again, so
   * an action can ask for `session("bob")` each time; without a name it is a new session. The client
   * itself has the session `main`.
   */
  readonly session: (name?: string) => HttpClient;
  /** The base URL, without a slash at the end. */
  readonly url: string;
  /** What the app's process printed lately, at most 64 Ki characters; empty when it is not ours. */
  readonly log: string;
}

/** A request as it goes to the app. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** A response as it came from the app. */
export interface WireResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly text: string;
}

export type Send = (request: WireRequest) => Promise<WireResponse>;
