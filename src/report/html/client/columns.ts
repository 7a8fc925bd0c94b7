import type { TracedDiff } from "../../../trace/trace.ts";
import type { TracedValue } from "../../../trace/value-codec.ts";

/**
 * The columns of a table of changes, by index: those that tell rows apart, then what has changed,
 * then the rest. Columns that hold nothing in all of the rows are left out.
 */
export function shownColumns({ columns, key, changes }: TracedDiff): readonly number[] {
  const rank = (index: number): number => {
    if (key.includes(index)) return 0;
    const hasChanged = changes.some(
      ({ before, after }) => before && after && differs(before[index], after[index]),
    );
    return hasChanged ? 1 : 2;
  };
  return [...columns.keys()]
    .filter((index) =>
      changes.some(({ before, after }) =>
        [before?.[index], after?.[index]].some((value) => differs(value ?? null, null)),
      ),
    )
    .toSorted((a, b) => rank(a) - rank(b));
}

/** Whether two values are not the same; by JSON, since values are trees. */
export function differs(a: TracedValue | undefined, b: TracedValue | undefined): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
