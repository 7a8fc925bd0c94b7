/** Stands for what must not be shown. */
export const MASK = "<secret>";

/** Parts of names whose values are masked; compared without case, `-`, `_` and spaces. */
const SECRET_NAMES = [
  "password",
  "passwd",
  "passphrase",
  "secret",
  "token",
  "apikey",
  "privatekey",
  "accesskey",
  "authorization",
  "credential",
  "cookie",
] as const;

/** Shorter values are masked where they stand, and may be words elsewhere. */
const SHORTEST_REMEMBERED = 8;
/** More are not looked for. */
const MOST_REMEMBERED = 500;

/** Keeps secrets out of what is shown and stored. */
export interface Secrets {
  /** Whether values under this name are secret: of a header, a key, a column, a parameter. */
  readonly isSecret: (name: string) => boolean;
  /** Masks a value, and from now on wherever else it stands. Returns what is shown instead. */
  readonly mask: (value: string) => string;
  /** Masks what is known to be secret, and `name: value` pairs in a text. */
  readonly hide: (text: string) => string;
}

/**
 * Starts with the names that are secret by default.
 *
 * @param more - Further names: each a part of a name.
 */
export function createSecrets(more: readonly string[] = []): Secrets {
  const names = [...SECRET_NAMES, ...more.map(normalise)];
  const remembered = new Set<string>();
  const pairs = pairsPattern(names);

  function mask(value: string): string {
    if (value.length >= SHORTEST_REMEMBERED && remembered.size < MOST_REMEMBERED) {
      remembered.add(value);
    }
    return MASK;
  }

  return {
    isSecret: (name) => {
      const plain = normalise(name);
      return names.some((part) => plain.includes(part));
    },
    mask,
    hide: (text) => {
      let known = text;
      for (const value of remembered) known = known.replaceAll(value, MASK);
      return known.replaceAll(pairs, (_, before: string, value: string) => {
        const [, open = "", inner = "", close = ""] = QUOTED.exec(value) ?? [];
        return inner === "" || inner === MASK
          ? before + value
          : before + open + mask(inner) + close;
      });
    },
  };
}

function normalise(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, "");
}

const QUOTED = /^(["']?)(.*?)(["']?)$/s;

/** `password=x`, `"apiKey": "x y"`, `Authorization: Bearer x`, as logs and bodies spell them. */
function pairsPattern(names: readonly string[]): RegExp {
  const name = `[\\w-]*(?:${names.map(letters).join("|")})[\\w-]*["']?`;
  // A text that was cut may end inside of the quotes.
  const value = `"[^"]*"?|'[^']*'?|[^\\s"'&,;}]+`;
  return new RegExp(`(${name}\\s*[:=]\\s*(?:Bearer |Basic )?)(${value})`, "giu");
}

/** The spellings of a name: with or without separators between its letters. */
function letters(name: string): string {
  return Array.from(name, (letter) => letter.replace(/[^\p{L}\p{N}]/u, String.raw`\$&`)).join(
    "[-_ ]?",
  );
}
