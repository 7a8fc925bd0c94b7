import { isJsonType, unexpectedJson, unexpectedStatus } from "./unexpected.ts";
import type { ExpectedStatus, HttpResponse, WireResponse } from "./types.ts";

/** The request that a response belongs to, as far as messages show it. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly url: string;
  readonly requestBody: string | Uint8Array | undefined;
  readonly durationMs: number;
}

/**
 * Builds what the spec gets.
 *
 * @throws ExploreError `EXPLORE_UNEXPECTED_RESPONSE` when the body is not the JSON it claims to be.
 */
export function createResponse<Body>(
  exchange: Exchange,
  { status, headers, text }: WireResponse,
): HttpResponse<Body> {
  const { method, path, url, durationMs } = exchange;
  const response = {
    status,
    ok: status >= 200 && status < 300,
    headers,
    // The caller names the body's type; nothing here can check it.
    body: parseBody(exchange, { status, headers, text }) as Body,
    text,
    url,
    method,
    path,
    durationMs,
  };
  // Not enumerable, so that responses compare and print as the data they are.
  return Object.defineProperty(response, "expectStatus", {
    value: (...statuses: readonly ExpectedStatus[]) => {
      if (statuses.some((expected) => matches(status, expected))) return response;
      throw unexpectedStatus(exchange, { status, headers, text }, statuses);
    },
  }) as HttpResponse<Body>;
}

function parseBody(exchange: Exchange, response: WireResponse): unknown {
  if (response.text === "") return undefined;
  if (!isJsonType(response.headers["content-type"])) return response.text;
  try {
    return JSON.parse(response.text);
  } catch (cause) {
    throw unexpectedJson(exchange, response, cause);
  }
}

function matches(status: number, expected: ExpectedStatus): boolean {
  if (typeof expected === "number") return status === expected;
  return expected === `${Math.floor(status / 100)}xx`;
}
