import type { ProvidedServer, ServerRequest, WayName } from "../server-request.ts";

/** One way to get a server. */
export interface Way {
  readonly name: WayName;
  /**
   * Starts a server for us alone, on the loopback interface and behind a password. Nothing stays
   * behind when that fails.
   *
   * @throws {@link wayUnavailable} when the way does not exist here; the next one is tried. After any
   * other error it is too, and its message is listed like a reason.
   */
  readonly start: (request: ServerRequest, place: WayPlace) => Promise<StartedServer>;
}

/** A server that a way has started. */
export interface StartedServer extends ProvidedServer {
  /** Whether it still runs. Asked before it is handed out again. */
  readonly isAlive: () => boolean | Promise<boolean>;
  /** Ends it and removes all that belongs to it. Harmless when it has ended. */
  readonly stop: () => Promise<void>;
}

/** What a way is given. */
export interface WayPlace {
  /** The folder of the Vitest project that asks: optional packages are resolved from here. */
  readonly root: string;
  /**
   * Says what is being done now, e.g. `pulling postgres:17`. Shown when it takes long, and else not;
   * later lines replace earlier ones until then.
   */
  readonly say: (line: string) => void;
}

/**
 * Builds the error by which a way says that it does not exist here.
 *
 * @param reason - Ends the sentence "binary: …", e.g. `postgres is not on PATH`.
 */
export function wayUnavailable(reason: string): Error {
  return new WayUnavailable(reason);
}

/** Whether an error says that a way does not exist here, as opposed to having failed. */
export function isWayUnavailable(error: unknown): boolean {
  return error instanceof WayUnavailable;
}

class WayUnavailable extends Error {}
