import { command, type RedisClient, type Server } from "./driver.ts";
import { isOurs, keyOf, type Key, MARKER } from "./keys.ts";

/** What tells which keys anybody has changed. */
export interface Changes {
  /** Answers once everything that was written before the call is known. */
  readonly settle: () => Promise<void>;
  /** Keys changed since they were last forgotten. */
  readonly keys: () => readonly Key[];
  /** Whether any key may have changed: nothing is known, or the database was emptied. */
  readonly everything: () => boolean;
  /** Whether our own key may be gone. */
  readonly markerLost: () => boolean;
  /** A number that grows with everything that becomes known. */
  readonly serial: () => number;
  /** Forgets everything; what becomes known from now on counts again. */
  readonly forget: () => void;
  /** Takes back one change of each of these keys: it was our own. */
  readonly discount: (keys: Iterable<Key>) => void;
  readonly close: () => void;
}

const CHANNEL = "__redis__:invalidate";

/**
 * Has the server name every key that any connection changes, or that expires.
 *
 * The messages come on a connection of their own, in the form that every version of the driver
 * passes on. The server sends what one round of its event loop has changed before it answers
 * anything of the next, so the answer to a `PING` sent now follows every message about earlier
 * writes.
 *
 * @param control - The connection that tracking belongs to; it ends with it.
 */
export async function trackChanges(
  server: Server,
  { control, db }: { readonly control: RedisClient; readonly db: number },
): Promise<Changes> {
  const { system } = server;
  const listener = await server.connect(db);
  const counts = new Map<Key, number>();
  let serial = 0;
  // What was there before tracking began is not known yet.
  let everything = true;
  let markerLost = false;

  listener.on("messageBuffer", (_channel, message) => {
    if (!Array.isArray(message)) {
      everything = true;
      markerLost = true;
      serial += 1;
      return;
    }
    for (const bytes of message as readonly Uint8Array[]) {
      const key = keyOf(bytes);
      if (key === MARKER) markerLost = true;
      if (isOurs(key)) continue;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      serial += 1;
    }
  });
  try {
    const id = Number(await command(listener, system, ["CLIENT", "ID"]));
    await listener.subscribe(CHANNEL);
    await command(control, system, ["CLIENT", "TRACKING", "ON", "REDIRECT", id, "BCAST"]);
  } catch (error) {
    listener.disconnect();
    throw error;
  }

  return {
    settle: async () => {
      await command(listener, system, ["PING"]);
    },
    keys: () => [...counts.keys()],
    everything: () => everything,
    markerLost: () => markerLost,
    serial: () => serial,
    forget: () => {
      counts.clear();
      everything = false;
      markerLost = false;
    },
    discount: (keys) => {
      for (const key of keys) {
        const count = counts.get(key);
        if (count === undefined) continue;
        // A second change of the key was somebody else's.
        if (count > 1) counts.set(key, count - 1);
        else counts.delete(key);
      }
    },
    close: () => listener.disconnect(),
  };
}

/** Where nothing tells: every key may have changed at any time. */
export function unknownChanges(): Changes {
  return {
    settle: () => Promise.resolve(),
    keys: () => [],
    everything: () => true,
    markerLost: () => true,
    serial: () => 0,
    forget: () => {},
    discount: () => {},
    close: () => {},
  };
}
