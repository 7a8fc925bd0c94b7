import type { Output } from "./output.ts";
import type { Send } from "./types.ts";

/** A running app, whoever runs it. The client and the hooks see only this. */
export interface App {
  /** The base URL, without a slash at the end. */
  readonly url: string;
  readonly send: Send;
  /** What its process prints; absent when the process is not ours. */
  readonly output?: Output;
  /** What to throw for a failed connection: an error that tells why. `during` is e.g. `during GET /`. */
  readonly explain: (cause: unknown, during: string) => Promise<unknown>;
  /** Throws when the app has ended without a request that noticed. */
  readonly assertAlive: () => void;
  /** A request was given up, and the app may still work on it. Absent: nothing can be done then. */
  readonly giveUp?: () => void;
  /** Makes sure that the app serves nobody's request, and starts it again if that takes it. */
  readonly revive: () => Promise<void>;
  readonly close: () => Promise<void>;
}
