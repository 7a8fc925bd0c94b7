import { show, usageError } from "../../errors.ts";

type HandlesByName = Readonly<Record<string, unknown>>;

/**
 * The handles as the spec's functions get them: asking for a system that is not there is refused.
 *
 * @param where - Names the function, e.g. `http (api): env`.
 */
export function guardHandles(where: string, handles: HandlesByName): HandlesByName {
  return new Proxy(handles, {
    get: (target, key) => {
      // `then` is asked for by every `await`, `toJSON` by every printing.
      if (typeof key === "symbol" || Object.hasOwn(target, key)) return Reflect.get(target, key);
      if (key === "then" || key === "toJSON") return undefined;
      throw usageError(
        where,
        `asks for the system ${show(key)}, which is not there`,
        `Before this one are connected: ${listHandles(handles)}.`,
      );
    },
  });
}

/**
 * Asks the spec for the environment of the app's process.
 *
 * @throws ExploreError `EXPLORE_USAGE` when a value is no string.
 */
export function readEnv(
  where: string,
  env: unknown,
  handles: HandlesByName,
): Readonly<Record<string, string>> {
  const given: unknown =
    typeof env === "function" ? env(guardHandles(where, handles)) : (env ?? {});
  if (typeof given !== "object" || given === null || given instanceof Promise) {
    throw usageError(where, `must return an object of strings, got ${show(given)}`, "Return one.");
  }
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "string") continue;
    throw usageError(
      where,
      `gives ${name} as ${show(value)}, not a string`,
      `The systems are: ${listHandles(handles)}.`,
    );
  }
  return given as Readonly<Record<string, string>>;
}

/** Names only: reading a property may start something. */
function listHandles(handles: HandlesByName): string {
  const systems = Object.entries(handles).map(([name, handle]) => {
    const properties = typeof handle === "object" && handle !== null ? Object.keys(handle) : [];
    return properties.length === 0 ? name : `${name} (${properties.join(", ")})`;
  });
  return systems.length === 0 ? "none" : systems.join(", ");
}
