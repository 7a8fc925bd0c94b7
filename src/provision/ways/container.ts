import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { whyNoEngine } from "../containers/engine.ts";
import { startContainer, type Testcontainers } from "../containers/start.ts";
import { type Way, wayUnavailable } from "./way.ts";

/** A server in a container, by the library testcontainers and an engine like Docker's. */
export const container: Way = {
  name: "container",
  start: async (request, { root, say }) => {
    if (request.options.folder !== undefined) {
      throw wayUnavailable("`folder` names programs of this machine, which no image contains");
    }
    const library = findLibrary(root);
    if (library === undefined) throw wayUnavailable("the package testcontainers is not installed");
    const reason = await whyNoEngine();
    if (reason !== undefined) throw wayUnavailable(reason);
    const loaded = (await import(pathToFileURL(library).href)) as Testcontainers;
    return startContainer(loaded, request, say);
  },
};

/** The user's own comes first: with several projects in one repository it need not be beside us. */
function findLibrary(root: string): string | undefined {
  for (const from of [join(root, "package.json"), import.meta.url]) {
    try {
      return createRequire(from).resolve("testcontainers");
    } catch {
      // Not from there.
    }
  }
  return undefined;
}
