import { isEvery, tellCollections, tellRequest, type Oracle } from "./oracle.ts";

/**
 * GET and HEAD may not change anything. Judged where a step sends nothing else, since its changes
 * can not be told apart by request.
 */
export const readsChangeNothing: Oracle = {
  isDefault: true,
  judge: (step) => {
    const [first] = step.exchanges;
    const isRead = isEvery(step, ({ method }) => method === "GET" || method === "HEAD");
    if (first === undefined || !isRead || step.changes().length === 0) return undefined;
    return `${tellRequest(first)} changed ${tellCollections(step.changes())}`;
  },
};
