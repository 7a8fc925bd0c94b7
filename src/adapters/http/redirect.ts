import type { WireRequest, WireResponse } from "./types.ts";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * The request that a redirect asks for, `undefined` when the response is none.
 *
 * @see RFC 9110, section 15.4: 303 becomes GET; for 301 and 302 a POST does, as in every browser.
 */
export function followRedirect(
  request: WireRequest,
  { status, headers }: WireResponse,
): WireRequest | undefined {
  const location = headers["location"];
  if (!REDIRECTS.has(status) || typeof location !== "string") return undefined;
  const url = new URL(location, request.url);
  const kept = url.origin === request.url.origin ? request.headers : withoutCredentials(request);
  const becomesGet =
    (status === 303 && request.method !== "HEAD") ||
    ((status === 301 || status === 302) && request.method === "POST");
  if (!becomesGet) return { ...request, url, headers: kept };
  const { "content-type": _type, "content-length": _length, ...rest } = kept;
  return { ...request, url, method: "GET", headers: rest, body: undefined };
}

// What was meant for one server is not handed to another.
function withoutCredentials({ headers }: WireRequest): WireRequest["headers"] {
  const { authorization: _authorization, cookie: _cookie, ...rest } = headers;
  return rest;
}
