import { clock } from "../clock.ts";
import { factsOf } from "../identity/names.ts";
import { findTokens } from "../identity/tokens.ts";
import { parseEpoch, parseTime } from "../identity/times.ts";

/** Stands for every time that was read from a clock: which one it is differs from run to run. */
const TIME = "<time>";
const DAY_US = 24 * 60 * 60 * 1e6;
const MINUTE_US = 60 * 1e6;

/** Names what differs from run to run, so that two recordings of one path read the same. */
export interface Names {
  /** Names the generated values and times in a text. */
  readonly text: (text: string) => string;
  /** Names a number under a key that says that it is a time; `undefined` for any other number. */
  readonly number: (value: number | bigint, key: string) => string | undefined;
}

/**
 * Names random values by their shape, as state identity tells them: `<id 1>`, `<id 2>`, in the order
 * in which they are met. Numbers keep their value: counters are rolled back, so they are the same in
 * each run. So do dates that somebody chose: whole minutes, more than a day from now.
 *
 * @param constants - Texts that exist at the root, e.g. the UUIDs of seeded rows: left as they are.
 */
export function createNames(constants: Pick<ReadonlySet<string>, "has">): Names {
  const known = new Map<string, string>();

  function nameOf(token: string): string {
    if (constants.has(token)) return token;
    let name = known.get(token);
    if (name === undefined) known.set(token, (name = `<id ${known.size + 1}>`));
    return name;
  }

  function withoutTokens(text: string): string {
    let named = "";
    let done = 0;
    for (const { start, end } of findTokens(text)) {
      named += text.slice(done, start) + nameOf(text.slice(start, end));
      done = end;
    }
    return named + text.slice(done);
  }

  return {
    text: (text) => {
      const at = parseTime(text);
      if (at !== undefined) return isFromClock(at) ? TIME : text;
      return withoutTokens(text).replaceAll(DATE_TIME, (time) =>
        isFromClock(parseTime(time) ?? Date.parse(time) * 1000) ? TIME : time,
      );
    },
    number: (value, key) => {
      const at = factsOf(key).time ? parseEpoch(Number(value)) : undefined;
      return at !== undefined && isFromClock(at) ? TIME : undefined;
    },
  };
}

function isFromClock(atUs: number): boolean {
  return atUs % MINUTE_US !== 0 || Math.abs(atUs - clock.epoch() * 1000) < DAY_US;
}

/** A date-time inside of a longer text, as ISO 8601, SQL and HTTP headers write it. */
const DATE_TIME =
  /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d\d(?::?\d\d)?))?\b|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g;
