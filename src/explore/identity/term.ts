/**
 * A text with holes: `pieces[0] slots[0] pieces[1] …`. A slot from 0 up is a generated value; a
 * negative one is a time, the first `-1`, until its rank is filled in.
 */
export interface Term {
  readonly pieces: readonly string[];
  readonly slots: readonly number[];
}

/** A term while it is written. */
export interface Draft {
  text: string;
  readonly pieces: string[];
  readonly slots: number[];
}

export function startDraft(): Draft {
  return { text: "", pieces: [], slots: [] };
}

export function addSlot(draft: Draft, slot: number): void {
  draft.pieces.push(draft.text);
  draft.slots.push(slot);
  draft.text = "";
}

export function addTerm(draft: Draft, term: Term): void {
  draft.text += term.pieces[0] ?? "";
  for (const [index, slot] of term.slots.entries()) {
    addSlot(draft, slot);
    draft.text += term.pieces[index + 1] ?? "";
  }
}

export function finishDraft(draft: Draft): Term {
  draft.pieces.push(draft.text);
  return draft;
}

/** Replaces times by their ranks, so that only generated values are left open. */
export function fillTimes(term: Term, ranks: readonly number[]): Term {
  if (!term.slots.some((slot) => slot < 0)) return term;
  const draft = startDraft();
  draft.text = term.pieces[0] ?? "";
  for (const [index, slot] of term.slots.entries()) {
    if (slot < 0) draft.text += String(ranks[-slot - 1]);
    else addSlot(draft, slot);
    draft.text += term.pieces[index + 1] ?? "";
  }
  return finishDraft(draft);
}

/** Writes a term out, each generated value as `#` and its label. */
export function printTerm(term: Term, labels: readonly number[]): string {
  let text = term.pieces[0] ?? "";
  for (let index = 0; index < term.slots.length; index += 1) {
    text += `#${labels[term.slots[index] ?? 0]}${term.pieces[index + 1]}`;
  }
  return text;
}
