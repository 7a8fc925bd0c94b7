/** What a column's or a key's name says about its values. */
export interface NameFacts {
  /** The words before `id`: `["order"]` for `orderId`, none for `id`. Absent: no identity by name. */
  readonly stem?: readonly string[];
  /** A number under this name may be an epoch: `created_at`, `updatedAt`, `timestamp`, `expires`. */
  readonly time: boolean;
}

/** Stems that say nothing about which collection is meant. */
const GENERIC = new Set(
  "last new created current first previous latest item entity record resource value payload data body response result json doc document context".split(
    " ",
  ),
);

/** What the subject of a JSON web token is an identity of. */
const SUBJECT = ["user", "account", "customer", "member", "client", "person"];

const TIME_NAME =
  /(?:(?:^|_)(?:at|ts)|[a-z0-9](?:At|Ts)|[Tt]imestamp|[Ee]xpires|[Ee]xpiry|^iat|^exp|^nbf|^auth_time)$/;

/** Names seen, so that each is taken apart once; dropped as a whole when it holds this many. */
const CACHE_LIMIT = 2000;
const facts = new Map<string, NameFacts>();
const forms = new Map<string, readonly string[]>();

/** Reads a column's or a key's name. */
export function factsOf(name: string): NameFacts {
  return cached(facts, name, readFacts);
}

/**
 * The spellings under which a name is compared: lower case, no separators, without schema, in
 * singular and plural. Two names fit when they share one.
 */
export function formsOf(name: string): readonly string[] {
  return cached(forms, name, readForms);
}

/** Whether the words before `id` leave open which collection is meant. */
export function isGeneric(stem: readonly string[]): boolean {
  return stem.every((word) => GENERIC.has(word));
}

/** Every reading of a stem, the longest first: `["refunded", "order"]` gives `refundedorder`, `order`. */
export function readingsOf(stem: readonly string[]): readonly string[] {
  if (stem.length === 1 && stem[0] === "sub") return SUBJECT;
  return stem.map((_, index) => stem.slice(index).join(""));
}

/** The words of a name: `refundedOrderId` gives `refunded`, `order`, `id`. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

function readFacts(name: string): NameFacts {
  const time = TIME_NAME.test(name);
  if (name === "sub") return { stem: ["sub"], time };
  const words = wordsOf(name);
  const last = words.at(-1);
  if (last !== "id" && last !== "ids") return { time };
  // `ordersById`
  return { stem: words.slice(0, words.at(-2) === "by" ? -2 : -1), time };
}

function readForms(name: string): readonly string[] {
  const bare = wordsOf(name.slice(name.lastIndexOf(".") + 1)).join("");
  const found = [bare];
  if (bare.endsWith("ies")) found.push(`${bare.slice(0, -3)}y`);
  if (bare.endsWith("es")) found.push(bare.slice(0, -2));
  if (bare.endsWith("s") && !bare.endsWith("ss")) found.push(bare.slice(0, -1));
  return found;
}

function cached<T>(cache: Map<string, T>, name: string, read: (name: string) => T): T {
  let found = cache.get(name);
  if (found === undefined) {
    if (cache.size >= CACHE_LIMIT) cache.clear();
    found = read(name);
    cache.set(name, found);
  }
  return found;
}
