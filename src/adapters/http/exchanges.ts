import type { Exchange, ExchangeBody, SystemExchanges } from "../adapter.ts";
import type { WireRequest, WireResponse } from "./types.ts";

/** Exchanges kept; a step that sends more is told by its last ones. */
const MOST = 200;
/** Characters or bytes kept of a body. */
const BODY_LIMIT = 8192;

/** A request that is under way. */
interface Begun {
  readonly answered: (response: WireResponse) => void;
  readonly failed: (error: unknown) => void;
}

/** The exchanges with an app, the last ones of them. */
export interface Exchanges extends SystemExchanges {
  readonly begin: (request: WireRequest) => Begun;
}

/** Starts without exchanges. */
export function createExchanges(): Exchanges {
  let kept: Exchange[] = [];
  let dropped = 0;

  return {
    begin: ({ method, url, headers, body }) => {
      const index = dropped + kept.length;
      const exchange: Exchange = {
        method,
        target: url.pathname + url.search,
        requestHeaders: headers,
        requestBody: body === undefined ? undefined : bodyOf(body),
      };
      kept.push(exchange);
      // Cut at twice the limit, so that each is moved once on average.
      if (kept.length > MOST * 2) {
        dropped += kept.length - MOST;
        kept = kept.slice(-MOST);
      }
      const end = (how: Pick<Exchange, "response" | "error">): void => {
        if (index >= dropped) kept[index - dropped] = { ...exchange, ...how };
      };
      return {
        answered: ({ status, headers: answer, text }) =>
          end({ response: { status, headers: answer, body: bodyOf(text) } }),
        failed: (error) => end({ error: firstLine(error) }),
      };
    },
    mark: () => dropped + kept.length,
    since: (mark) => kept.slice(Math.max(mark - dropped, kept.length - MOST, 0)),
  };
}

/** What follows in an error of ours are facts that the failure of the step tells as well. */
function firstLine(error: unknown): string {
  const [line = ""] = String(error instanceof Error ? error.message : error).split("\n");
  return line;
}

/** Copies what is kept of a long body: a slice would keep the whole of it in memory. */
function bodyOf(content: string | Uint8Array): ExchangeBody {
  const { length } = content;
  if (length <= BODY_LIMIT) return { content, length };
  if (typeof content !== "string") return { content: content.slice(0, BODY_LIMIT), length };
  return { content: Buffer.from(content.slice(0, BODY_LIMIT)).toString(), length };
}
