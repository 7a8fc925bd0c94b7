/** A kind of server that can be found or started here. */
export type ServerKind = "postgres" | "mysql" | "redis";

/** A way to get a server that the user did not name. */
export type WayName = "binary" | "container" | "embedded";

/** How a server is to be got; all of it optional. */
export interface ServerOptions {
  /** Only this way is tried. Default: a program on this machine, then a container, then an embedded one. */
  readonly way?: WayName;
  /** The image of a container, e.g. `postgres:17`. */
  readonly image?: string;
  /** The folder of the server's programs, e.g. `/usr/lib/postgresql/17/bin`. Default: `PATH`. */
  readonly folder?: string;
  /** Further arguments of the server's program, e.g. `["-c", "max_connections=500"]`. */
  readonly args?: readonly string[];
}

/** What a system asks for when the user named no server. Plain JSON: it crosses between processes. */
export interface ServerRequest {
  readonly kind: ServerKind;
  readonly options: ServerOptions;
}

/** A server that runs, for us alone. Plain JSON. */
export interface ProvidedServer {
  /** With the credentials of a user who may do everything on it. */
  readonly url: string;
  /** How it was got, as a message names it: `binary /usr/lib/postgresql/17/bin`. */
  readonly way: string;
}

/**
 * Finds or starts a server. Equal requests get the same one.
 *
 * @throws ExploreError `EXPLORE_NO_SERVER` with each way and why it did not work.
 */
export type Provide = (request: ServerRequest) => Promise<ProvidedServer>;
