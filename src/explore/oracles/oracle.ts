/** A request of a step, as far as oracles look at it. */
export interface JudgedExchange {
  readonly method: string;
  readonly target: string;
  /** Absent: no response has come. */
  readonly status: number | undefined;
  /** Equal for equal requests. */
  readonly request: string;
}

/** Rows that a step changed in one collection of a store. */
export interface JudgedChange {
  readonly system: string;
  readonly collection: string;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/** What a step did. */
export interface StepFacts {
  readonly exchanges: readonly JudgedExchange[];
  /** Computed when it is asked for. Apps are no stores: their clients' cookies do not count. */
  readonly changes: () => readonly JudgedChange[];
}

/** What an oracle judges. */
export interface Judged extends StepFacts {
  /** The step before was the same action and sent the same requests. */
  readonly isRepeat: boolean;
}

/**
 * A rule that holds for every app that speaks HTTP as it is meant to be spoken, so that nobody has to
 * write it.
 */
export interface Oracle {
  /** Says what is wrong, in one sentence without a full stop; `undefined` when nothing is. */
  readonly judge: (step: Judged) => string | undefined;
  /** Whether it is on unless it is switched off: false where good apps may break it. */
  readonly isDefault: boolean;
}

/** Names changed collections: `db.orders, db.audit`. */
export function tellCollections(changes: readonly JudgedChange[]): string {
  return changes.map(({ system, collection }) => `${system}.${collection}`).join(", ");
}

/** Names a request: `GET /orders`. */
export function tellRequest({ method, target }: JudgedExchange): string {
  return `${method} ${target}`;
}

/** Whether a step sent requests, and all of them are alike in some way. */
export function isEvery(
  { exchanges }: StepFacts,
  holds: (exchange: JudgedExchange) => boolean,
): boolean {
  return exchanges.length > 0 && exchanges.every(holds);
}

/** Whether a request was carried out: 202 only promises that it will be. */
export function isDone({ status = 0 }: JudgedExchange): boolean {
  return status >= 200 && status < 300 && status !== 202;
}
