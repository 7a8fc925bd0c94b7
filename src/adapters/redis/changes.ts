import { command, type RedisClient, type Server } from "./driver.ts";
import { isOurs, keyOf, type Key } from "./keys.ts";

/** What tells which keys anybody has changed. */
export interface Changes {
  /** Answers once everything that was written before the call is known. */
  readonly settle: () => Promise<void>;
  /** Keys changed since they were last forgotten. The server does not say in which database. */
  readonly keys: () => readonly Key[];
  /** Whether any key may have changed: nothing is known. */
  readonly everything: () => boolean;
  /** From now on any key may have changed. */
  readonly doubt: () => void;
  /** How often that was said. */
  readonly doubts: () => number;
  /** Whether a database was emptied since this was last asked; perhaps not ours. */
  readonly takeFlush: () => boolean;
  /** Forgets what became known; what becomes known from now on counts again. */
  readonly forget: (keys?: readonly Key[]) => void;
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
 * That connection may be lost, also since the server ends one that reads too slowly
 * (`client-output-buffer-limit pubsub`). It is then opened again, and any key may have changed.
 *
 * @param control - The connection that tracking belongs to; it ends with it.
 */
export async function trackChanges(
  server: Server,
  { control, db }: { readonly control: RedisClient; readonly db: number },
): Promise<Changes> {
  const told = createTold();
  let listener = await listen(server, { control, db, onMessage: told.receive });
  let isClosed = false;
  return {
    ...told,
    settle: async () => {
      try {
        await command(listener, server.system, ["PING"]);
      } catch (error) {
        listener.disconnect();
        if (isClosed) throw error;
        // From before the new connection, so that nothing falls between the two.
        told.doubt();
        listener = await listen(server, { control, db, onMessage: told.receive });
        told.doubt();
      }
    },
    close: () => {
      isClosed = true;
      listener.disconnect();
    },
  };
}

/** Opens the connection on which the messages come, and turns tracking on, or on again. */
async function listen(
  server: Server,
  {
    control,
    db,
    onMessage,
  }: {
    readonly control: RedisClient;
    readonly db: number;
    readonly onMessage: (message: unknown) => void;
  },
): Promise<RedisClient> {
  const { system } = server;
  const listener = await server.connect(db);
  listener.on("messageBuffer", (_channel, message) => onMessage(message));
  try {
    const id = Number(await command(listener, system, ["CLIENT", "ID"]));
    await listener.subscribe(CHANNEL);
    // What it was redirected to before is gone, and the server refuses to change it.
    await command(control, system, ["CLIENT", "TRACKING", "OFF"]);
    await command(control, system, ["CLIENT", "TRACKING", "ON", "REDIRECT", id, "BCAST"]);
  } catch (error) {
    listener.disconnect();
    throw error;
  }
  return listener;
}

type Told = Omit<Changes, "settle" | "close"> & { readonly receive: (message: unknown) => void };

function createTold(): Told {
  const counts = new Map<Key, number>();
  // What was there before tracking began is not known yet.
  let everything = true;
  let doubts = 0;
  let flushed = false;
  return {
    receive: (message) => {
      if (!Array.isArray(message)) {
        flushed = true;
        return;
      }
      for (const bytes of message as readonly Uint8Array[]) {
        const key = keyOf(bytes);
        if (isOurs(key)) continue;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    },
    keys: () => [...counts.keys()],
    everything: () => everything,
    doubt: () => {
      everything = true;
      doubts += 1;
    },
    doubts: () => doubts,
    takeFlush: () => {
      const was = flushed;
      flushed = false;
      return was;
    },
    forget: (keys) => {
      if (keys === undefined) {
        counts.clear();
        everything = false;
      } else for (const key of keys) counts.delete(key);
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
  };
}

/** Where nothing tells: every key may have changed at any time. */
export function unknownChanges(): Changes {
  return {
    settle: () => Promise.resolve(),
    keys: () => [],
    everything: () => true,
    doubt: () => {},
    doubts: () => 0,
    takeFlush: () => true,
    forget: () => {},
    discount: () => {},
    close: () => {},
  };
}
