/** A time that was written since the root, waiting for its rank. */
export interface TimeSlot {
  /** Times are compared within a column, or within one place of the context. */
  readonly scope: string;
  /** Microseconds since the epoch. */
  readonly atUs: number;
  /** The order of creation of the row it stands in, 0 when unknown; decides between equal times. */
  readonly order: number;
}

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** 2000-01-01 and 2050-01-01, in seconds: numbers outside are no epochs. */
const EARLIEST_S = 946_684_800;
const LATEST_S = 2_524_608_000;

/**
 * Reads an ISO 8601 date-time or SQL's `YYYY-MM-DD HH:MM:SS`; without a zone it counts as UTC.
 *
 * @returns Microseconds since the epoch; `undefined` for everything else, also for a date alone.
 */
export function parseTime(text: string): number | undefined {
  if (text.length < 16 || text.length > 36 || text.charCodeAt(4) !== 45) return undefined;
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = "0", fraction = "", zone = "Z"] = match;
  const ms = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const us = Number(fraction.padEnd(6, "0").slice(0, 6));
  return (ms - zoneMinutes(zone) * 60_000) * 1000 + us;
}

/**
 * Reads an epoch in seconds, milliseconds or microseconds, by its size.
 *
 * @returns Microseconds since the epoch; `undefined` outside of the years 2000 to 2050.
 */
export function parseEpoch(value: number): number | undefined {
  for (let scale = 1; scale <= 1e6; scale *= 1000) {
    if (value >= EARLIEST_S * scale && value < LATEST_S * scale) return value * (1e6 / scale);
  }
  return undefined;
}

/**
 * Ranks times within their scope, the earliest 0. Equal times of rows that were created one after
 * the other get different ranks, in that order: whether two steps fell into one tick of the clock
 * depends on the machine and must not tell two states apart. For the same reason times that stand
 * close together in what one step made are equal.
 *
 * @returns One rank for each slot, in the order given.
 */
export function rankTimes(slots: readonly TimeSlot[]): readonly number[] {
  const ranks: number[] = [];
  const byScope = new Map<string, number[]>();
  for (const [index, { scope }] of slots.entries()) {
    const indexes = byScope.get(scope);
    if (indexes === undefined) byScope.set(scope, [index]);
    else indexes.push(index);
  }
  for (const indexes of byScope.values()) {
    indexes.sort((a, b) => compareTimes(slots[a], slots[b]));
    let rank = 0;
    for (const [place, index] of indexes.entries()) {
      const before = indexes[place - 1];
      if (before !== undefined && !isOneMoment(slots[before], slots[index])) rank += 1;
      ranks[index] = rank;
    }
  }
  return ranks;
}

/** Clocks of databases have ticks of a second, and a step seldom takes longer. Microseconds. */
const ONE_STEP_US = 2_000_000;

function isOneMoment(a: TimeSlot | undefined, b: TimeSlot | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  if (a.order === b.order && a.order > 0) return Math.abs(a.atUs - b.atUs) < ONE_STEP_US;
  return compareTimes(a, b) === 0;
}

function compareTimes(a: TimeSlot | undefined, b: TimeSlot | undefined): number {
  if (a === undefined || b === undefined) return 0;
  return a.atUs === b.atUs ? Math.sign(a.order - b.order) : Math.sign(a.atUs - b.atUs);
}

function zoneMinutes(zone: string): number {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(":", ""));
  return zone.startsWith("-") ? -minutes : minutes;
}
