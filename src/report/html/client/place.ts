/** What the page can show: an exploration, and a state, a transition or a branch of it. */
export interface Place {
  /** The exploration's index on the page. */
  readonly exploration: number;
  readonly item?: PlaceItem;
}

export interface PlaceItem {
  /** `view`: what lies beneath a state, without the first `skip` of its children. */
  readonly kind: "state" | "transition" | "branch" | "view";
  readonly index: number;
  readonly skip?: number;
}

const LETTERS = { state: "s", transition: "t", branch: "b", view: "v" } as const;
const KINDS = { s: "state", t: "transition", b: "branch", v: "view" } as const;
const HASH = /^#(\d{1,9})(?:\/([stbv])(\d{1,9})(?:-(\d{1,9}))?)?$/;

/** Writes a place as the end of a link: `#0`, `#0/s5`, `#0/t3`, `#0/v5-40`. */
export function hashOf({ exploration, item }: Place): string {
  if (item === undefined) return `#${exploration}`;
  const { kind, index, skip = 0 } = item;
  return `#${exploration}/${LETTERS[kind]}${index}${skip === 0 ? "" : `-${skip}`}`;
}

/** Reads the end of a link; `undefined` when it names no place. */
export function placeOf(hash: string): Place | undefined {
  const [, exploration, letter, index, skip] = HASH.exec(hash) ?? [];
  if (exploration === undefined) return undefined;
  if (letter === undefined) return { exploration: Number(exploration) };
  const kind = KINDS[letter as keyof typeof KINDS];
  const rest = skip === undefined ? {} : { skip: Number(skip) };
  return { exploration: Number(exploration), item: { kind, index: Number(index), ...rest } };
}
