import { canonicalLabels } from "./canonical-order.ts";
import { encodeSystems } from "./encode-rows.ts";
import { encodeValue } from "./encode-value.ts";
import { startEncoding, termOf } from "./encoding.ts";
import { mentionedOf, startValues } from "./generated.ts";
import type { Knowledge } from "./knowledge.ts";
import type { SystemDiff } from "../diffs.ts";
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

/**
 * Writes a state so that two states read the same exactly when a one-to-one renaming of generated
 * values makes them equal. Too coarse a form hides bugs; too fine a one never meets a state again.
 *
 * **Generated values** were made since the root; whatever stands in a row of the root is a constant.
 * - Numbers and bytes in identity columns of added rows (of changed rows when the key changed), and
 *   text there when it looks random: keys such as `EUR` are chosen.
 * - The same values in columns that refer to an identity column, by declaration or by name
 *   (`order_id`, `orderId` beside a collection `orders` with one identity column).
 * - UUIDs, ULIDs, random tokens and salted hashes, by their shape, wherever they stand, also inside
 *   of a longer text. Equal tokens are one value, in all systems and in the context.
 * - Numbers in the context and in JSON under a key that says `id` and names the collection, also in
 *   `order:17` and `/orders/17`. A bare `id` takes the key around it for the name; `id` and `lastId`
 *   without any stand for every identity column that generated the number.
 * - Identities that `knowledge` remembers, although their row is gone.
 *
 * **Times** become ranks: date-times in text and `Date`s, and numbers from 2000 to 2050 under a name
 * that says so (`created_at`, `expires`). A rank counts the earlier times of the same column. Between
 * equal times the row created first is the earlier one: whether two steps fell into one tick of the
 * clock depends on the machine. A JSON web token is its claims, without the signature.
 *
 * Neither the order of rows, collections and keys nor that of `Map` and `Set` counts; the order of
 * arrays does, and so does every type: `1`, `"1"`, `1n` and `true` differ.
 *
 * **Known limits**, coarse first:
 * - A token by its shape alone that is a constant in truth, such as the UUID of a seeded row in a
 *   column without a declared reference, is renamed like any other, unless a row of the difference or
 *   `startKnowledge` shows it at the root. So is a number that the client chose as a key.
 * - The values of times are lost, also of appointments, and so is their order across columns: a
 *   token issued before a change of the password reads like one issued after it.
 * - An `id` or `lastId` that names nothing and holds a constant may meet an equal generated number.
 * - Random text that looks like words stays literal (2 in 100 of 21 characters), and so do numbers
 *   under names that say nothing (`parent`, `owner`): such states are not met again.
 * - Equal times of changed rows are ordered by identity, whichever was changed first. Times less than
 *   two seconds apart in rows that one step added under random keys count as equal, also when a later
 *   step changed one of them: a step may fall into two ticks of the clock.
 * - Parts of the data so symmetrical that more than 50,000 tries would be needed to tell their values
 *   apart are numbered by order of creation, which may tell equal states apart, never merge others.
 *
 * The cost follows the changed rows, nearly in proportion; ties that no reference resolves cost more.
 *
 * @throws ExploreError `EXPLORE_USAGE` when the context holds what is not plain data, naming its path.
 */
export function canonicalForm(world: WorldDifference): string {
  return canonicalState(world).form;
}

/** A state's form, and what has to be known of the way to it to name the states behind it. */
export interface CanonicalState {
  readonly form: string;
  /**
   * Without what the state does not mention any more. Equal states may have been reached by paths
   * that generated more or less; what follows must be named alike all the same.
   */
  readonly knowledge: Knowledge;
}

/** As `canonicalForm`, with the knowledge to go on with. Throws as it. */
export function canonicalState({ systems, context, knowledge }: WorldDifference): CanonicalState {
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
  const form = filled
    .map(({ header, terms }) => {
      const rows = terms.map((term) => printTerm(term, labels));
      return [header, ...rows.toSorted()].join("\n");
    })
    .join("\n");
  return { form, knowledge: mentionedOf(encoding.values, known) };
}
