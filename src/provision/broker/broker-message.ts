import type { ErrorCode } from "../../errors.ts";
import type { ProvidedServer, ServerRequest } from "../server-request.ts";

/** What a worker asks the broker: one line of JSON. */
export interface BrokerQuestion {
  readonly request: ServerRequest;
  /** The folder of the Vitest project that asks. */
  readonly root: string;
}

/** What the broker answers: one line of JSON. */
export type BrokerAnswer =
  | { readonly server: ProvidedServer }
  | {
      readonly error: {
        readonly code: ErrorCode;
        readonly message: string;
        readonly details: Readonly<Record<string, unknown>>;
      };
    };
