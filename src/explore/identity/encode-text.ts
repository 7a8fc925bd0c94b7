import type { Encoding, Place } from "./encoding.ts";
import { encodeOwned, encodeTime, namesOf, write } from "./encoding.ts";
import { domainsCalled, identitySlot, tokenSlot } from "./generated.ts";
import { readJsonText, readJwt } from "./nested-text.ts";
import { addSlot } from "./term.ts";
import { parseEpoch, parseTime } from "./times.ts";
import { findTokens } from "./tokens.ts";

/** What a text needs to be taken apart. */
export interface TextPlace {
  readonly place: Place;
  /** Encodes what a text contains: the structure of JSON, the claims of a token. */
  readonly encodeValue: (encoding: Encoding, value: unknown, place: Place) => void;
}

/** Writes a text: a time, JSON, an identity by its place, or literal and generated pieces. */
export function encodeString(encoding: Encoding, text: string, at: TextPlace): void {
  const { place } = at;
  const digits = place.time && /^\d{10,16}$/.test(text) ? parseEpoch(Number(text)) : undefined;
  const atUs = digits ?? parseTime(text);
  if (atUs !== undefined && !encoding.values.constants.has(text)) {
    write(encoding, "s");
    return encodeTime(encoding, atUs, place);
  }
  const json = readJsonText(text);
  if (json !== undefined) {
    write(encoding, "j");
    return at.encodeValue(encoding, json.value, { ...place, ordered: true });
  }
  if (!encodeOwned(encoding, text, place)) encodePieces(encoding, text, at);
}

/** Whether a text may hold a generated value: a cheap test that errs on the side of yes. */
export function hasPieces({ values }: Encoding, text: string): boolean {
  if (findTokens(text).length > 0) return true;
  return values.domains.length > 0 && MAY_NAME.test(text);
}

const MAY_NAME = /[:/]\d/;

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly encode: () => void;
}

function encodePieces(encoding: Encoding, text: string, at: TextPlace): void {
  const pieces = piecesOf(encoding, text, at);
  const [first] = pieces;
  if (first === undefined) return write(encoding, JSON.stringify(text));
  write(encoding, "s");
  const whole = first.start === 0 && first.end === text.length;
  if (whole) return first.encode();
  write(encoding, "(");
  let done = 0;
  for (const { start, end, encode } of pieces) {
    if (start > done) write(encoding, JSON.stringify(text.slice(done, start)));
    encode();
    done = end;
  }
  if (done < text.length) write(encoding, JSON.stringify(text.slice(done)));
  write(encoding, ")");
}

function piecesOf(encoding: Encoding, text: string, at: TextPlace): readonly Piece[] {
  const { values } = encoding;
  const pieces: Piece[] = [];
  for (const { start, end, kind } of findTokens(text)) {
    const token = text.slice(start, end);
    const isClaims = kind === "jwt" && !values.constants.has(token);
    const jwt = isClaims ? readJwt(token) : undefined;
    if (jwt !== undefined) {
      pieces.push({ start, end, encode: () => encodeJwt(encoding, jwt, at) });
      continue;
    }
    const slot = tokenSlot(values, token);
    if (slot !== undefined) {
      pieces.push({ start, end, encode: () => addSlot(encoding.draft, slot) });
    }
  }
  if (values.domains.length === 0 || !MAY_NAME.test(text)) return pieces;
  const named = namedIdentities(encoding, text);
  const apart = named.filter(({ start }) => !pieces.some((p) => p.start <= start && start < p.end));
  return [...pieces, ...apart].toSorted((a, b) => a.start - b.start);
}

/** `order:17` and `/orders/17`, as keys and addresses spell an identity. */
const NAMED = /([A-Za-z]\w*)[:/](0|[1-9]\d{0,14})(?![\w.-])/g;

function namedIdentities(encoding: Encoding, text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const match of text.matchAll(NAMED)) {
    const [all, name = "", id = ""] = match;
    const slots = namesOf(domainsCalled(encoding.values, name))
      .map(({ owner }) => identitySlot(encoding.values, owner, Number(id)))
      .filter((slot) => slot !== undefined);
    const end = match.index + all.length;
    const encode = (): void => {
      for (const slot of slots) addSlot(encoding.draft, slot);
    };
    if (slots.length > 0) pieces.push({ start: end - id.length, end, encode });
  }
  return pieces;
}

/** The signature is left out: it follows from the rest and a key that is no part of the world. */
function encodeJwt(
  encoding: Encoding,
  [header, payload]: readonly object[],
  { place, encodeValue }: TextPlace,
): void {
  const { jti, ...claims } = payload as { jti?: unknown };
  const inner = { ...place, path: `${place.path}.jwt`, key: "jwt", owners: [], ordered: false };
  write(encoding, "jwt(");
  encodeValue(encoding, header, { ...inner, path: `${inner.path}.header` });
  encodeValue(encoding, claims, inner);
  const slot = typeof jti === "string" ? tokenSlot(encoding.values, jti) : undefined;
  if (slot === undefined) encodeValue(encoding, jti, inner);
  else addSlot(encoding.draft, slot);
  write(encoding, ")");
}
