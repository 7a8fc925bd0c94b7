import { isEvery, tellCollections, tellRequest, type Oracle } from "./oracle.ts";

/**
 * A request that was answered 4xx or 5xx may not have changed anything. Judged where all requests of
 * a step were.
 */
export const refusalsChangeNothing: Oracle = {
  isDefault: true,
  judge: (step) => {
    const [first] = step.exchanges;
    const isRefused = isEvery(step, ({ status = 0 }) => status >= 400);
    if (first === undefined || !isRefused || step.changes().length === 0) return undefined;
    const changed = tellCollections(step.changes());
    return `${tellRequest(first)} was answered ${first.status} and changed ${changed}`;
  },
};
