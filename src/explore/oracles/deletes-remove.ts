import { isDone, isEvery, tellRequest, type Oracle } from "./oracle.ts";

/**
 * A DELETE that was answered 2xx must have removed a row, or marked one as removed. Off by default:
 * many good apps answer 204 also when there was nothing to delete.
 */
export const deletesRemove: Oracle = {
  isDefault: false,
  judge: (step) => {
    const [first] = step.exchanges;
    const isDelete = isEvery(step, (each) => each.method === "DELETE" && isDone(each));
    if (first === undefined || !isDelete) return undefined;
    const removed = step.changes().some((each) => each.removed + each.changed > 0);
    if (removed) return undefined;
    return `${tellRequest(first)} was answered ${first.status} and removed nothing`;
  },
};
