import { onTestFinished } from "vitest";
import { whyNoEngine } from "../../../src/provision/containers/engine.ts";
import type { ServerKind, ServerOptions } from "../../../src/provision/server-request.ts";
import { container } from "../../../src/provision/ways/container.ts";
import type { StartedServer } from "../../../src/provision/ways/way.ts";

export { whyNoEngine as probeEngine };

/** The image that tests use: the official one, or what EXPLORE_<KIND>_IMAGE names. */
export function imageOf(kind: ServerKind): { readonly image?: string } {
  const image = process.env[`EXPLORE_${kind.toUpperCase()}_IMAGE`];
  return image === undefined ? {} : { image };
}

/** Starts a container that ends with the test. */
export async function start(
  kind: ServerKind,
  options: ServerOptions = imageOf(kind),
): Promise<StartedServer> {
  const server = await startForFile(kind, options);
  onTestFinished(() => server.stop());
  return server;
}

/** Starts one that the caller ends. */
export function startForFile(
  kind: ServerKind,
  options: ServerOptions = imageOf(kind),
): Promise<StartedServer> {
  return container.start({ kind, options }, { root: import.meta.dirname, say: () => {} });
}
