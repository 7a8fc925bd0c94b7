import { findProgram } from "../../../src/provision/programs/find-program.ts";
import type { ServerKind } from "../../../src/provision/server-request.ts";
import { SERVER_PROGRAMS } from "../../../src/provision/servers/index.ts";
import type { Probe } from "../lane.ts";

/** A lane for tests that start a server from the programs of this machine. */
export function needsServer(kind: ServerKind): Probe {
  return () => {
    try {
      findProgram(SERVER_PROGRAMS[kind]);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
}
