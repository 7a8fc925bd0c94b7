import type { ServerKind } from "../server-request.ts";

/** What is known about the programs of one kind of server. */
export interface ServerProgram {
  readonly kind: ServerKind;
  /** Names of the program that serves, best first. */
  readonly programs: readonly string[];
  /** Programs that must be there besides, in the same folder or a neighbour of it. */
  readonly helpers: readonly string[];
  /** Folders that often have it without being on `PATH`; `*` is any name, newest version first. */
  readonly places: readonly string[];
  /** Who runs it when this process is root, first choice first. Empty: root may run it. */
  readonly users: readonly string[];
  /** Commands that make an empty data folder, tried in order. Absent: it needs none. */
  readonly makeData?: (place: DataPlace) => readonly (readonly string[])[];
  /** How it is run. */
  readonly serve: (place: ServePlace) => Serving;
  /** In what it prints once it takes connections, and never before. */
  readonly ready: RegExp;
  /** In what it prints when somebody else listens on its port. */
  readonly portTaken: RegExp;
  /** Ends it at once, with all its processes. */
  readonly endSignal: "SIGKILL" | "SIGQUIT";
  /** Gives it the password, when that can only be done once it runs. */
  readonly protect?: (place: ServePlace) => Promise<void>;
  readonly url: (place: Pick<ServePlace, "port" | "password">) => string;
}

/** Where a data folder is made. */
export interface DataPlace {
  /** The program that serves. */
  readonly program: string;
  /** Finds a helper. */
  readonly helper: (name: string) => string;
  /** The folder to make; it does not exist. */
  readonly data: string;
  /** A file with the password of all servers that are copied from this folder. */
  readonly secretFile: string;
}

/** Where a server is run. */
export interface ServePlace {
  /** The server's own folder, for what it keeps besides its data. */
  readonly folder: string;
  readonly data: string;
  readonly port: number;
  readonly password: string;
  /** The password that the data folder came with; empty when it needs none. */
  readonly secret: string;
}

/** How a server is run: its arguments, and files in its folder that only its user can read. */
export interface Serving {
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

/** The user that all servers have for us. */
export const SERVER_USER = "explorer";
