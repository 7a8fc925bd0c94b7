import { findProgram } from "../programs/find-program.ts";
import { SERVER_PROGRAMS } from "../servers/index.ts";
import { startProgram } from "../programs/start-program.ts";
import type { Way } from "./way.ts";

/** A program on this machine. */
export const binary: Way = {
  name: "binary",
  start: async ({ kind, options }, { say }) => {
    const server = SERVER_PROGRAMS[kind];
    const found = findProgram(server, options.folder);
    return startProgram({ server, found, way: `binary ${found.folder}`, args: options.args, say });
  },
};
