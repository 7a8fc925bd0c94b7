import { join } from "node:path";
import { HOST } from "../port.ts";
import type { ServerProgram } from "./server-program.ts";

export const REDIS: ServerProgram = {
  kind: "redis",
  programs: ["redis-server", "valkey-server"],
  helpers: [],
  places: ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/usr/local/opt/redis*/bin"],
  users: [],
  serve: ({ folder, port, password }) => ({
    args: [join(folder, "redis.conf")],
    files: { "redis.conf": configuration({ folder, port, password }) },
  }),
  ready: /Ready to accept connections/,
  portTaken: /Address already in use/,
  endSignal: "SIGKILL",
  url: ({ port, password }) => `redis://:${password}@${HOST}:${port}/0`,
};

/** Nothing is kept on disk. A file, since everybody can read the arguments of a process. */
function configuration(place: {
  readonly folder: string;
  readonly port: number;
  readonly password: string;
}): string {
  return [
    `bind ${HOST}`,
    `port ${place.port}`,
    `requirepass ${place.password}`,
    `dir "${place.folder}"`,
    'save ""',
    "appendonly no",
    // Every world has a database of its own.
    "databases 1024",
    "",
  ].join("\n");
}
