import type { HandlerObject, FetchHandler, Handler, NodeHandler } from "./handler-app.ts";
import type { Ready } from "./ready.ts";
import type { HttpClient, RequestHeaders } from "./types.ts";

/**
 * Handles of the systems connected before, by name. Their types are known only to `createTest`,
 * which is called later, so the parameter is what the spec says it is:
 * `env: ({ db }: { db: SqliteHandle }) => …`. Without an annotation it is unchecked; whatever is
 * missing is refused by name when the app is started.
 */
// Every index signature adds `undefined` under noUncheckedIndexedAccess, so that `({ db }) => db.url`
// would not compile; only this type lets it, and an annotation replaces it.
// oxlint-disable-next-line typescript/no-explicit-any
export type Handles = any;

/** What each kind of app can have. */
interface CommonOptions<H> {
  /** Sent with every request. */
  readonly headers?: RequestHeaders;
  /** Milliseconds until a whole response must be there. Default: 4,000. */
  readonly requestTimeoutMs?: number;
  /** Called after each rollback, to clear what the app itself remembers. */
  readonly reset?: (client: HttpClient, handles: H) => unknown;
}

/** An app with a start that can be waited for. */
interface ReadyOptions {
  /**
   * How to tell that the app serves: a path that answers 2xx, a path with its status, or a function
   * that throws or answers false while it is too early. Default: it accepts a connection.
   */
  readonly ready?: Ready;
  /** Milliseconds until the app must be ready. Default: 30,000. */
  readonly readyTimeoutMs?: number;
}

interface UrlOptions extends ReadyOptions {
  readonly command?: undefined;
  readonly app?: undefined;
  readonly kind?: undefined;
  /** The app runs already. The path of the URL is put before every request's path. */
  readonly url: string;
}

interface CommandOptions<H> extends ReadyOptions {
  readonly url?: undefined;
  readonly app?: undefined;
  readonly kind?: undefined;
  /**
   * A line for the shell or a program with its arguments, started once per world. `{port}` in it is
   * replaced by the port.
   */
  readonly command: string | readonly string[];
  /** Added to this process's environment, `PORT` and `HOST`. */
  readonly env?:
    | ((handles: H) => Readonly<Record<string, string>>)
    | Readonly<Record<string, string>>;
  /** Relative to the project's root, which is the default. */
  readonly cwd?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** What asks the app to end. Default: `SIGTERM`. */
  readonly stopSignal?: NodeJS.Signals;
  /** Milliseconds between `stopSignal` and `SIGKILL`. Default: 2,000. */
  readonly stopTimeoutMs?: number;
  /**
   * The files and folders that the app is made of, relative to the project's root. In watch mode a
   * change of one runs the tests again, and an exploration is left out when none has changed.
   * Default: the files that `command` names.
   */
  readonly watch?: readonly string[];
}

/** What an app in this process has no use for. */
interface InProcess {
  readonly url?: undefined;
  readonly command?: undefined;
}

interface FactoryOptions<H> extends InProcess {
  /**
   * An app in this process: an `http.Server`, an object with `fetch` or with `listen` (Express), or
   * a function of the handles that returns one of these, a fetch handler or a Node handler.
   */
  readonly app: HandlerObject | ((handles: H) => Handler | Promise<Handler>);
  readonly kind?: undefined;
}

interface FetchOptions extends InProcess {
  readonly app: FetchHandler;
  /** `app` is itself a handler: a function of one parameter is taken for a factory otherwise. */
  readonly kind: "fetch";
}

interface NodeOptions extends InProcess {
  readonly app: NodeHandler;
  /** `app` is itself a handler, whatever its number of parameters. */
  readonly kind: "node";
}

/** Where the app is: exactly one of `url`, `command` and `app`. */
export type HttpOptions<H = Handles> = CommonOptions<H> &
  (UrlOptions | CommandOptions<H> | FactoryOptions<H> | FetchOptions | NodeOptions);

/** All options at once, as they are read. */
export interface AnyHttpOptions extends CommonOptions<Handles> {
  readonly url?: string;
  readonly command?: CommandOptions<Handles>["command"];
  readonly app?: Handler | ((handles: Handles) => Handler | Promise<Handler>);
  readonly kind?: "fetch" | "node";
  readonly env?: Required<CommandOptions<Handles>>["env"];
  readonly cwd?: string;
  readonly port?: number;
  readonly stopSignal?: NodeJS.Signals;
  readonly stopTimeoutMs?: number;
  readonly watch?: readonly string[];
  readonly ready?: Ready;
  readonly readyTimeoutMs?: number;
}
