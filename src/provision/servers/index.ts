import type { ServerKind } from "../server-request.ts";
import { MYSQL } from "./mysql.ts";
import { POSTGRES } from "./postgres.ts";
import { REDIS } from "./redis.ts";
import type { ServerProgram } from "./server-program.ts";

/** What is known about the programs of every kind of server. */
export const SERVER_PROGRAMS: Readonly<Record<ServerKind, ServerProgram>> = {
  postgres: POSTGRES,
  mysql: MYSQL,
  redis: REDIS,
};
