import { findProgram } from "../programs/find-program.ts";
import { SERVER_PROGRAMS } from "../servers/index.ts";
import { startProgram } from "../programs/start-program.ts";
import { type Way, wayUnavailable } from "./way.ts";

/** A program on this machine. */
export const binary: Way = {
  name: "binary",
  start: async ({ kind, options }, { say }) => {
    if (options.image !== undefined) {
      throw wayUnavailable("`image` names a container, not a program of this machine");
    }
    const server = SERVER_PROGRAMS[kind];
    const found = findProgram(server, options.folder);
    return startProgram({ server, found, way: `binary ${found.folder}`, args: options.args, say });
  },
};
