/** A part of a text that a generator made, by its shape. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** `jwt`: three base64url parts, to be read; `token`: opaque. */
  readonly kind: "token" | "jwt";
}

/** The shortest token: 16 hexadecimal digits. */
const MIN_TOKEN = 16;
/** The shortest token that is told from words only by its mixture of letters and digits. */
const MIN_MIXED = 20;

const NONE: readonly Span[] = [];

// In order: an escaped character (which must not become the head of the token after it), a JSON web
// token, a salted password hash, and a run of the characters that tokens are made of.
const CANDIDATE =
  /%[0-9A-Fa-f]{2}|eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*|\$(?:2[abxy]|argon2(?:id|i|d)|scrypt|pbkdf2[a-z0-9-]*|[1567y])\$[./A-Za-z0-9$=,+-]{20,}|[\w-]{16,}/g;
const UUID =
  /(?<![0-9A-Za-z])[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])/;
const HEX = /(?<![0-9A-Za-z])(?:[0-9a-f]{16,}|[0-9A-F]{16,})(?![0-9A-Za-z])/;
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const BASE64 = /^(?=.*[+=])(?:[A-Za-z0-9+/]{4}){5,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** `cus_…`: says what the token is for, and is not part of it. */
const PREFIX = /^[a-z]{2,12}_/;
const SLUG = /^(?:[A-Z]?[a-z]+|[A-Z]+|\d+)(?:[-_]+(?:[A-Z]?[a-z]+|[A-Z]+|\d+))*$/;
/** The UUIDs that nobody generates: all zero and all one. */
const SPECIAL_UUID = /^(?:[0-]+|[f-]+)$/i;

/**
 * Finds the parts of a text that have the shape of a generated value: UUIDs, ULIDs, hexadecimal,
 * base64 and alphanumeric random tokens, JSON web tokens and salted password hashes.
 *
 * The shape is a guess. Of 21 random characters (nanoid) about 2 in 100 look like words and are
 * missed; a text that mixes letters and digits like a token is taken for one.
 */
export function findTokens(text: string): readonly Span[] {
  if (text.length < MIN_TOKEN) return NONE;
  if (BASE64.test(text) && isMixed(text)) return [{ start: 0, end: text.length, kind: "token" }];
  let found: Span[] | undefined;
  CANDIDATE.lastIndex = 0;
  for (let match = CANDIDATE.exec(text); match !== null; match = CANDIDATE.exec(text)) {
    const [run] = match;
    if (run.length < MIN_TOKEN) continue;
    found ??= [];
    const end = match.index + run.length;
    if (run.startsWith("eyJ") && run.includes(".")) {
      found.push({ start: match.index, end, kind: "jwt" });
    } else if (run.startsWith("$")) {
      found.push({ start: match.index, end, kind: "token" });
    } else {
      findInRun(run, match.index, found);
    }
  }
  return found ?? NONE;
}

/** Whether the whole text is one generated value by its shape. */
export function isToken(text: string): boolean {
  const [first] = findTokens(text);
  return first !== undefined && first.start === 0 && first.end === text.length;
}

/**
 * Whether a text key was generated rather than chosen: a key column holds `ann@example.com`,
 * `theme` or `EUR` as well. Random keys are told from 8 characters on, since the column is known to
 * hold keys.
 */
export function isGeneratedKey(text: string): boolean {
  if (isToken(text)) return true;
  const random = text.replace(PREFIX, "");
  return /^[\w-]{8,}$/.test(random) && !SLUG.test(random) && isMixed(random);
}

function findInRun(run: string, offset: number, found: Span[]): void {
  if (run.length < MIN_TOKEN) return;
  const inner = UUID.exec(run) ?? hexIn(run);
  if (inner === null) {
    const start = run.match(PREFIX)?.[0].length ?? 0;
    const whole = start > 0 && isRandom(run.slice(start)) ? start : 0;
    if (whole > 0 || isRandom(run)) {
      found.push({ start: offset + whole, end: offset + run.length, kind: "token" });
    }
    return;
  }
  const [token] = inner;
  const after = inner.index + token.length;
  findInRun(run.slice(0, inner.index), offset, found);
  if (!SPECIAL_UUID.test(token)) {
    found.push({ start: offset + inner.index, end: offset + after, kind: "token" });
  }
  findInRun(run.slice(after), offset + after, found);
}

function hexIn(run: string): RegExpExecArray | null {
  const found = HEX.exec(run);
  return found !== null && /\d/.test(found[0]) && /[A-Fa-f]/.test(found[0]) ? found : null;
}

function isRandom(run: string): boolean {
  if (run.length < MIN_MIXED || SLUG.test(run)) return false;
  return ULID.test(run) || isMixed(run);
}

/**
 * Random characters change their class at every other place, words and numbers seldom do. The
 * thresholds keep nearly all of 21 base64url characters (3 standard deviations) and refuse
 * `createdOrder2024January`.
 */
function isMixed(run: string): boolean {
  const seen = [0, 0, 0, 0];
  let changes = 0;
  let letterToDigit = 0;
  let previous = classOf(run.charCodeAt(0));
  for (let index = 0; index < run.length; index += 1) {
    const kind = classOf(run.charCodeAt(index));
    seen[kind] = 1;
    if (kind === previous) continue;
    changes += 1;
    if (Math.max(kind, previous) === DIGIT) letterToDigit += 1;
    previous = kind;
  }
  const [lower = 0, upper = 0, digit = 0] = seen;
  if (lower + upper + digit === 3) return changes >= 0.35 * run.length;
  if (digit === 1) return letterToDigit >= 3;
  return lower + upper === 2 && changes >= 0.5 * run.length;
}

const DIGIT = 2;

/** 0 lower case, 1 upper case, 2 digit, 3 anything else. */
function classOf(code: number): number {
  if (code >= 97 && code <= 122) return 0;
  if (code >= 65 && code <= 90) return 1;
  return code >= 48 && code <= 57 ? DIGIT : 3;
}
