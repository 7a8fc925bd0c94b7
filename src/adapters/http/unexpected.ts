import { ExploreError } from "../../errors.ts";
import type { Exchange } from "./response.ts";
import type { ExpectedStatus, ResponseHeaders, WireResponse } from "./types.ts";

const SHOWN_CHARACTERS = 300;

/** Whether a content type is JSON: `application/json`, `application/problem+json`, `text/json`. */
export function isJsonType(contentType: ResponseHeaders[string]): boolean {
  return (
    typeof contentType === "string" &&
    /^\s*(?:application|text)\/(?:[^\s;]+\+)?json\s*(?:;|$)/i.test(contentType)
  );
}

/** Says that the app answered, but not with the status that the spec expects. */
export function unexpectedStatus(
  exchange: Exchange,
  response: WireResponse,
  expected: readonly ExpectedStatus[],
): ExploreError {
  return unexpectedResponse(exchange, response, {
    problem: `Expected status ${expected.join(" or ") || "(none given)"}, got ${response.status}.`,
    cure: "Either the app is wrong, or the status that the spec expects.",
    details: { expected },
  });
}

/** Says that a body is not what its content type promises. */
export function unexpectedJson(
  exchange: Exchange,
  response: WireResponse,
  cause: unknown,
): ExploreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return unexpectedResponse(exchange, response, {
    problem: `The body is not JSON, though its content type says so: ${reason}.`,
    cure: "The app must send valid JSON, or another content type.",
    details: {},
    cause,
  });
}

interface Unexpected {
  readonly problem: string;
  readonly cure: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

function unexpectedResponse(
  { method, path, requestBody }: Exchange,
  { status, text }: WireResponse,
  { problem, cure, details, cause }: Unexpected,
): ExploreError {
  const sent = typeof requestBody === "string" ? requestBody : sizeOf(requestBody);
  return new ExploreError(
    "EXPLORE_UNEXPECTED_RESPONSE",
    `${problem}\n` +
      `  request:  ${`${method} ${path} ${shorten(sent)}`.trimEnd()}\n` +
      `  response: ${`${status} ${shorten(text)}`.trimEnd()}\n` +
      cure,
    {
      details: { method, path, status, body: shorten(text), ...details },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function sizeOf(body: Uint8Array | undefined): string {
  return body === undefined ? "" : `(${body.byteLength} bytes)`;
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (line.length <= SHOWN_CHARACTERS) return line;
  return `${line.slice(0, SHOWN_CHARACTERS)}... (${text.length} characters)`;
}
