import { show, usageError } from "../../errors.ts";
import type { HttpRequest, Query, RequestHeaders, Scalar } from "./types.ts";

/** A body with what must be said about it. */
export interface EncodedBody {
  readonly content: string | Uint8Array | undefined;
  /** Used when the spec gives no `content-type`. */
  readonly contentType?: string;
}

/** Lower-case names; later ones win; `undefined` removes. */
export function mergeHeaders(
  ...layers: readonly (RequestHeaders | undefined)[]
): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const layer of layers) {
    for (const name in layer) {
      const value = layer[name];
      if (value === undefined) delete merged[name.toLowerCase()];
      else merged[name.toLowerCase()] = String(value);
    }
  }
  return merged;
}

/**
 * Joins base, path and query.
 *
 * @throws ExploreError `EXPLORE_USAGE` when the path does not start with `/`.
 */
export function requestUrl(base: string, { method, path, query }: HttpRequest): URL {
  if (typeof path !== "string" || !path.startsWith("/")) {
    throw usageError(
      `${method} ${show(path)}: path`,
      "must be a string that starts with a slash",
      `Give the path alone, e.g. "/orders"; it is joined to ${base}.`,
    );
  }
  const url = new URL(base + path);
  if (query !== undefined) appendQuery(url.searchParams, query);
  return url;
}

function appendQuery(target: URLSearchParams, query: Query): void {
  const entries: Iterable<readonly [string, Scalar | readonly Scalar[]]> =
    query instanceof URLSearchParams ? query : Object.entries(query);
  for (const [name, values] of entries) {
    for (const value of Array.isArray(values) ? (values as readonly Scalar[]) : [values]) {
      if (value !== undefined && value !== null) target.append(name, String(value));
    }
  }
}

/**
 * Turns `json` or `body` into what is sent. The result is text or bytes, never a stream, so that a
 * request can be sent again.
 *
 * @throws ExploreError `EXPLORE_USAGE` when both are given, or for something that cannot be sent.
 */
export async function encodeBody(request: HttpRequest): Promise<EncodedBody> {
  const { body, json } = request;
  if (json === undefined) return body === undefined ? { content: undefined } : encode(request);
  if (body === undefined) return encodeJson(request, json);
  throw usageError(
    `${request.method} ${request.path}: body`,
    `is given twice: body ${show(body)} and json ${show(json)}`,
    "Give one of them.",
  );
}

function encode(request: HttpRequest): EncodedBody | Promise<EncodedBody> {
  const { body } = request;
  if (typeof body === "string") return { content: body, contentType: "text/plain;charset=UTF-8" };
  if (body instanceof Uint8Array) return { content: body };
  if (body instanceof ArrayBuffer) return { content: new Uint8Array(body) };
  if (body instanceof URLSearchParams || body instanceof FormData || body instanceof Blob) {
    return encodeStandard(body);
  }
  return encodeJson(request, body);
}

// `Response` knows how the platform's own types are written, multipart boundaries included.
async function encodeStandard(body: URLSearchParams | FormData | Blob): Promise<EncodedBody> {
  const encoded = new Response(body);
  const contentType = encoded.headers.get("content-type");
  const content = new Uint8Array(await encoded.arrayBuffer());
  return contentType === null ? { content } : { content, contentType };
}

function encodeJson({ method, path }: HttpRequest, value: unknown): EncodedBody {
  let content: string | undefined;
  // A stream would become `{}`: nobody means that.
  const stream = typeof value === "object" && value !== null && Symbol.asyncIterator in value;
  try {
    content = stream ? undefined : JSON.stringify(value);
  } catch {
    content = undefined;
  }
  if (content !== undefined) return { content, contentType: "application/json" };
  throw usageError(
    `${method} ${path}: body`,
    `cannot be sent as JSON: ${show(value)}`,
    "Give plain data, a string, bytes, FormData, URLSearchParams or a Blob.",
  );
}
