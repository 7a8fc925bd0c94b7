import type { Exchange, ExchangeBody, ExchangeHeaders } from "../../adapters/adapter.ts";
import type { TracedExchange, TracedText } from "../../trace/trace.ts";
import { isBytes } from "../identity/knowledge.ts";
import type { Telling } from "./recording.ts";
import { tellData } from "./tell-data.ts";

/** Characters of a body; more are left out. */
const MOST_BODY = 2000;

/** What a proxy or the protocol adds, and what differs from run to run. */
const LEFT_OUT = new Set([
  "connection",
  "content-length",
  "date",
  "host",
  "keep-alive",
  "transfer-encoding",
]);

/** Tells a request and its response, without secrets. */
export function tellExchange(system: string, exchange: Exchange, telling: Telling): TracedExchange {
  const { method, requestHeaders, requestBody, response, error } = exchange;
  const { names, secrets } = telling;
  // Headers first: what they give away is then known wherever it stands.
  const headers = tellHeaders(requestHeaders, telling);
  const answered = response && tellHeaders(response.headers, telling);
  const sent = requestBody && tellBody(requestBody, telling);
  const got = response && tellBody(response.body, telling);
  return {
    system,
    method,
    target: names.text(secrets.hide(exchange.target)),
    headers,
    ...(sent && { body: sent }),
    ...(response && {
      response: {
        status: response.status,
        headers: answered ?? {},
        ...(got && got.text !== "" && { body: got }),
      },
    }),
    ...(error !== undefined && { error: names.text(secrets.hide(error)) }),
  };
}

function tellHeaders(headers: ExchangeHeaders, telling: Telling): Record<string, string> {
  const { names, secrets } = telling;
  const told: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || LEFT_OUT.has(name)) continue;
    const texts = typeof value === "string" ? [value] : value;
    const shown = texts.map((text) =>
      secrets.isSecret(name) ? maskHeader(name, text, telling) : names.text(secrets.hide(text)),
    );
    told[name] = shown.join(", ");
  }
  return told;
}

/** Keeps what is not secret of a secret header: the scheme, the names and attributes of cookies. */
function maskHeader(name: string, value: string, { secrets, names }: Telling): string {
  if (name === "cookie")
    return value.replaceAll(/=([^;]*)/g, (_, text: string) => `=${secrets.mask(text)}`);
  if (name === "set-cookie") {
    const masked = value.replace(/=([^;]*)/, (_, text: string) => `=${secrets.mask(text)}`);
    return names.text(masked);
  }
  const [, scheme = "", credentials = value] = /^(\w+ )?(.*)$/s.exec(value) ?? [];
  return scheme + secrets.mask(credentials);
}

function tellBody({ content, length }: ExchangeBody, telling: Telling): TracedText {
  if (isBytes(content)) {
    const text = textOf(content);
    if (text === undefined) return { text: `<${length} bytes>` };
    return tellText(text, length - content.length, telling);
  }
  return tellText(content, length - content.length, telling);
}

function tellText(text: string, missing: number, { secrets, names }: Telling): TracedText {
  const told = tellJson(text, { secrets, names }) ?? names.text(secrets.hide(text));
  const omitted = Math.max(told.length - MOST_BODY, 0) + missing;
  return { text: told.slice(0, MOST_BODY), ...(omitted > 0 && { omitted }) };
}

/** Takes JSON apart, so that values are told by their keys; `undefined` for other texts. */
function tellJson(text: string, telling: Telling): string | undefined {
  if (!/^\s*[[{"]/.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return JSON.stringify(tellData(value, "", telling));
}

/** Text that was sent as bytes, e.g. a form; `undefined` for other bytes. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // oxlint-disable-next-line no-control-regex -- Text holds no control characters but white space.
    return /[\0-\x08\x0e-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
