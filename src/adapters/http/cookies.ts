import { createHash } from "node:crypto";
import { Cookie, CookieJar, type SerializedCookieJar } from "tough-cookie";
import type { CollectionDiff, Column, Diff, Observation, Row, RowChange } from "../adapter.ts";

/** The name of the session of the client that the world hands out. */
export const FIRST_SESSION = "main";

/** Cookies of all sessions at a checkpoint; `undefined` for a session that never had any. */
export type SavedSessions = ReadonlyMap<string, SerializedCookieJar | undefined>;

/** The users at the client's side: a cookie jar for each. */
export interface Sessions {
  /** The key of a session: of a new one, or of the one called `name`. */
  readonly start: (name?: string) => string;
  /** The `cookie` header for a request, `undefined` when there is none to send. */
  readonly cookieHeader: (session: string, url: URL) => string | undefined;
  readonly accept: (session: string, url: URL, cookies: readonly string[]) => void;
  readonly save: () => SavedSessions;
  readonly restore: (saved: SavedSessions) => void;
  readonly observe: (onText?: (text: string) => void) => Observation;
  readonly diff: (since: SavedSessions) => Diff;
}

interface Session {
  jar: CookieJar | undefined;
  /** The jar's content since it last changed. */
  saved: SerializedCookieJar | undefined;
  changed: boolean;
}

const COLLECTION = "cookies";
const COLUMNS: readonly Column[] = ["session", "domain", "path", "name", "value"].map((name) => ({
  name,
  ...(name === "value" && { secret: true }),
}));

/** Starts with one session and no cookies. */
export function createSessions(): Sessions {
  const sessions = new Map<string, Session>([[FIRST_SESSION, emptySession()]]);
  let anonymous = 0;
  // The last save, as long as nothing has changed since: without cookies a checkpoint is free.
  let latest: SavedSessions | undefined;

  function sessionOf(key: string): Session {
    const found = sessions.get(key);
    if (found !== undefined) return found;
    // A client outlives the rollback that forgot its session: it starts anew.
    const session = emptySession();
    sessions.set(key, session);
    latest = undefined;
    return session;
  }

  function save(): SavedSessions {
    if (latest !== undefined) return latest;
    latest = new Map(Array.from(sessions, ([key, session]) => [key, contentOf(session)] as const));
    return latest;
  }

  return {
    start: (name) => {
      const key = name === undefined ? `#${++anonymous}` : name;
      sessionOf(key);
      return key;
    },
    cookieHeader: (key, url) => {
      const header = sessions.get(key)?.jar?.getCookieStringSync(url);
      return header === "" ? undefined : header;
    },
    accept: (key, url, cookies) => {
      const session = sessionOf(key);
      session.jar ??= new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });
      // As in a browser, a cookie that the app must not set is not an error.
      for (const cookie of cookies) session.jar.setCookieSync(cookie, url, { ignoreError: true });
      session.changed = true;
      latest = undefined;
    },
    save,
    restore: (saved) => {
      if (saved === latest) return;
      const current = new Map(sessions);
      // Emptied first, so that sessions are in the order of `saved` again.
      sessions.clear();
      for (const [key, content] of saved) {
        const session = current.get(key);
        const same = session !== undefined && !session.changed && session.saved === content;
        sessions.set(key, same ? session : sessionWith(content));
      }
      latest = saved;
    },
    observe: (onText) => {
      const rows = rowsOf(save());
      for (const value of [...rows.values()].flat()) {
        if (typeof value === "string") onText?.(value);
      }
      const digest = createHash("sha256")
        .update(JSON.stringify([...rows]))
        .digest("hex");
      return { [COLLECTION]: { size: rows.size, digest } };
    },
    diff: (since) => (since === latest ? [] : diffRows(rowsOf(since), rowsOf(save()))),
  };
}

function emptySession(): Session {
  return { jar: undefined, saved: undefined, changed: false };
}

function sessionWith(saved: SerializedCookieJar | undefined): Session {
  const jar = saved === undefined ? undefined : CookieJar.deserializeSync(saved);
  return { jar, saved, changed: false };
}

function contentOf(session: Session): SerializedCookieJar | undefined {
  if (session.changed) {
    const content = session.jar?.serializeSync();
    // An app deletes a cookie by letting it expire; the jar drops it only when it is asked for.
    const cookies = content?.cookies.filter((cookie) => !isExpired(cookie)) ?? [];
    session.saved = content === undefined ? undefined : { ...content, cookies };
    session.changed = false;
  }
  return session.saved;
}

function isExpired(cookie: unknown): boolean {
  const expiry = Cookie.fromJSON(cookie)?.expiryTime();
  return expiry !== undefined && expiry <= Date.now();
}

/** All cookies by what identifies them, in that order. */
function rowsOf(saved: SavedSessions): ReadonlyMap<string, Row> {
  const rows: (readonly [string, Row])[] = [];
  let anonymous = 0;
  for (const [key, content] of saved) {
    // By rank, since the number itself counts sessions of other branches too.
    const session = key.startsWith("#") ? `#${++anonymous}` : key;
    for (const { domain, path, key: name, value } of content?.cookies ?? []) {
      const identity = [session, String(domain), String(path), name ?? ""];
      rows.push([JSON.stringify(identity), [...identity, value ?? ""]]);
    }
  }
  return new Map(rows.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function diffRows(before: ReadonlyMap<string, Row>, after: ReadonlyMap<string, Row>): Diff {
  const changes: RowChange[] = [];
  for (const key of [...new Set([...before.keys(), ...after.keys()])].toSorted()) {
    const [old, now] = [before.get(key), after.get(key)];
    if (old?.at(-1) === now?.at(-1)) continue;
    changes.push({
      ...(old === undefined ? {} : { before: old }),
      ...(now === undefined ? {} : { after: now }),
    });
  }
  const collection: CollectionDiff = { collection: COLLECTION, columns: COLUMNS, changes };
  return changes.length === 0 ? [] : [collection];
}
