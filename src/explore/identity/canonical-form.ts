import { canonicalLabels } from "./canonical-order.ts";
import { encodeSystems } from "./encode-rows.ts";
import { encodeValue } from "./encode-value.ts";
import { startEncoding, termOf } from "./encoding.ts";
import { startValues } from "./generated.ts";
import type { Knowledge, SystemDiff } from "./knowledge.ts";
import { learn, noKnowledge } from "./knowledge.ts";
import type { Term } from "./term.ts";
import { fillTimes, printTerm } from "./term.ts";
import { rankTimes } from "./times.ts";

/** A world as state identity sees it. */
export interface WorldDifference {
  /** The net difference of each system from the root state. */
  readonly systems: readonly SystemDiff[];
  /** The data that actions share, plain data only. */
  readonly context: unknown;
  /** What the path to this state generated. Without it no value counts as stale. */
  readonly knowledge?: Knowledge;
}

/** DOC */
export function canonicalForm({ systems, context, knowledge }: WorldDifference): string {
  const known = learn(knowledge ?? noKnowledge, systems);
  const encoding = startEncoding(startValues(systems, known));
  const groups = encodeSystems(encoding, systems, known);
  encoding.inContext = true;
  encoding.order = 0;
  const place = { path: "context", key: "", owners: [], time: false, ordered: false };
  const shared = termOf(encoding, () => encodeValue(encoding, context, place));
  const sections = [
    ...groups,
    { header: "&", terms: encoding.members },
    { header: "@", terms: [shared] },
  ].filter(({ terms }) => terms.length > 0);

  const ranks = rankTimes(encoding.times);
  const fill = (term: Term): Term => (ranks.length === 0 ? term : fillTimes(term, ranks));
  const filled = sections.map(({ header, terms }) => ({ header, terms: terms.map(fill) }));
  const { creation } = encoding.values;
  const labels = creation.length === 0 ? [] : canonicalLabels(filled, creation);
  return filled
    .map(({ header, terms }) => {
      const rows = terms.map((term) => printTerm(term, labels));
      return [header, ...rows.toSorted()].join("\n");
    })
    .join("\n");
}
