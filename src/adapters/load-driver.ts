import { codeOf, ExploreError } from "../errors.ts";

/** A driver package that an adapter needs and the user installs. */
export interface DriverRequest<Module> {
  /** The package's name, e.g. `better-sqlite3`. */
  readonly name: string;
  /** Begins the sentence "… needs the package", e.g. `sqlite`. */
  readonly neededBy: string;
  /** The lowest version of Node that the package runs on. */
  readonly minNode?: `${number}.${number}`;
  /** Imports it, with the name as a literal so that bundlers see it. */
  readonly load: () => Promise<Module>;
}

/**
 * Loads an optional peer dependency.
 *
 * @throws ExploreError `EXPLORE_DRIVER_MISSING` when it is not installed, cannot be loaded, or this
 * Node is too old for it. The version is checked first, since some native packages crash the
 * process instead of throwing.
 */
export async function loadDriver<Module>(request: DriverRequest<Module>): Promise<Module> {
  const { name, neededBy, minNode = "0.0" } = request;
  const node = process.versions.node;
  if (isOlder(node, minNode)) {
    throw driverMissing(
      request,
      `${neededBy} needs the package ${name}, which runs on Node ${minNode} and newer; this is Node ${node}.`,
      "Run the tests with a newer Node.",
    );
  }
  try {
    return await request.load();
  } catch (cause) {
    throw isNotFound(cause, name)
      ? driverMissing(
          request,
          `${neededBy} needs the package ${name}, which is not installed.`,
          `Install it: npm install --save-dev ${name}`,
          cause,
        )
      : driverMissing(
          request,
          `${neededBy} needs the package ${name}, which is installed but cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
          `Install it again with this Node (${node}): npm rebuild ${name}`,
          cause,
        );
  }
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [thanMajor = 0, thanMinor = 0] = than.split(".").map(Number);
  return major === thanMajor ? minor < thanMinor : major < thanMajor;
}

function isNotFound(error: unknown, name: string): boolean {
  const code = codeOf(error);
  return (
    (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") &&
    error instanceof Error &&
    error.message.includes(name)
  );
}

// oxlint-disable-next-line max-params -- the three parts of every message, and the cause
function driverMissing(
  { name, neededBy }: DriverRequest<unknown>,
  problem: string,
  cure: string,
  cause?: unknown,
): ExploreError {
  return new ExploreError("EXPLORE_DRIVER_MISSING", `${problem}\n${cure}`, {
    cause,
    details: { package: name, neededBy, node: process.versions.node },
  });
}
