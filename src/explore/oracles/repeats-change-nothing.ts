import { isDone, isEvery, tellCollections, tellRequest, type Oracle } from "./oracle.ts";

/**
 * A PUT or DELETE that is sent a second time may not change anything more. Judged where the search runs
 * an action that sends nothing else twice in a row. Off by default: versions and times of change
 * count as changes.
 */
export const repeatsChangeNothing: Oracle = {
  isDefault: false,
  judge: (step) => {
    const [first] = step.exchanges;
    const isIdempotent = isEvery(
      step,
      (each) => (each.method === "PUT" || each.method === "DELETE") && isDone(each),
    );
    if (first === undefined || !step.isRepeat || !isIdempotent) return undefined;
    if (step.changes().length === 0) return undefined;
    return `${tellRequest(first)}, sent twice in a row, changed ${tellCollections(step.changes())} again`;
  },
};
